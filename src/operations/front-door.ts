import { once } from 'node:events'
import type { Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createBoundedServer, type BoundedServerOptions } from './bounded-server.ts'

/** A listening server that answers 503 until somebody takes it over. */
export interface FrontDoor {
  readonly port: number
  /** Hands the server over to who answers from now on. */
  open(attach: (server: Server) => void): void
  /**
   * From now on every answer is the last one on its connection. Who keeps connections for later, as balancers do, is told
   * in time, instead of losing a request on a connection that is closed in the same moment.
   */
  leave(): void
  /** Takes no new connections and resolves when the requests under way are answered. */
  close(): Promise<void>
}

/** After closing, what is under way has this long to end, in milliseconds: longer than any notification takes. */
const CLOSE_GRACE_MS = 5000

function answerStarting(_request: unknown, response: ServerResponse): void {
  response.writeHead(503, { 'content-type': 'application/json', 'retry-after': '1' })
  response.end('{"status":"starting"}')
}

/** What the answer calls makes every answer from then on, those under way included, the last on its connection. */
function lastAnswers(server: Server): () => void {
  const underWay = new Set<ServerResponse>()
  let isLeaving = false
  server.prependListener('request', ({ socket }, response) => {
    response.shouldKeepAlive &&= !isLeaving
    underWay.add(response)
    response.once('close', () => {
      underWay.delete(response)
      // A long answer that began before may have promised to keep the connection.
      if (isLeaving) socket.end()
    })
  })
  return () => {
    isLeaving = true
    for (const response of underWay) response.shouldKeepAlive = false
  }
}

/**
 * Listens before anything else is started: a port that is taken is noticed at once, and port 0 becomes a number.
 * @throws when the port cannot be had
 */
export async function listen({
  host,
  port,
  ...options
}: {
  readonly host: string
  readonly port: number
} & BoundedServerOptions): Promise<FrontDoor> {
  const { server, served } = createBoundedServer(options)
  served.on('request', answerStarting)
  const leave = lastAnswers(server)
  server.listen(port, host)
  await once(server, 'listening')
  const address = server.address() as AddressInfo
  return {
    port: address.port,
    open(attach) {
      served.off('request', answerStarting)
      attach(served)
    },
    leave,
    close: () =>
      new Promise((resolve) => {
        leave()
        // Streams to pages have no end of their own; what the platforms wait for is answered sooner.
        const cut = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS)
        server.close(() => {
          clearTimeout(cut)
          resolve()
        })
        server.closeIdleConnections()
      }),
  }
}
