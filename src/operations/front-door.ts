import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A listening server that answers 503 until somebody takes it over. */
export interface FrontDoor {
  readonly port: number
  /** Hands the server over to who answers from now on. */
  open(attach: (server: Server) => void): void
  /** Takes no new connections and resolves when the requests under way are answered. */
  close(): Promise<void>
}

/** A request has this long to arrive completely, in milliseconds. */
const REQUEST_TIMEOUT_MS = 15_000

/** After closing, what is under way has this long to end, in milliseconds: longer than any notification takes. */
const CLOSE_GRACE_MS = 5000

/**
 * Listens before anything else is started: a port that is taken is noticed at once, and port 0 becomes a number.
 * @throws when the port cannot be had
 */
export async function listen({
  host,
  port,
}: {
  readonly host: string
  readonly port: number
}): Promise<FrontDoor> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS })
  server.on('request', (_request, response) => {
    response.writeHead(503, { 'content-type': 'application/json', 'retry-after': '1' })
    response.end('{"status":"starting"}')
  })
  server.listen(port, host)
  await once(server, 'listening')
  const address = server.address() as AddressInfo
  return {
    port: address.port,
    open(attach) {
      server.removeAllListeners('request')
      attach(server)
    },
    close: () =>
      new Promise((resolve) => {
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
