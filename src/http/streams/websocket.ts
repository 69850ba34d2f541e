import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { handleProtocols } from 'graphql-ws'
import { WebSocketServer, type ServerOptions } from 'ws'
import { createConversation } from './converse.ts'
import { startHeartbeat } from './heartbeat.ts'
import type { StreamParts } from './prepare-operation.ts'
import type { Release } from '../operations/concurrency-limit.ts'

/** The door for WebSockets. */
export interface GraphqlWebsocket {
  /** Takes the upgrades of a server to `/graphql`; others are refused. */
  attach(server: Server): void
  /** Waits a moment for the sockets that are being closed, and ends the rest. */
  close(): Promise<void>
}

/** A socket that is being closed is kept for this long, in milliseconds; the default of ws is 30 seconds. */
const CLOSE_TIMEOUT_MS = 1000

/** Frames of one message: browsers send one, and a client may send frames without a byte in them. */
const MAX_FRAGMENTS = 128

/** Clients answer the closing of a socket within this time, in milliseconds, or are not there any more. */
const FAREWELL_MS = 1000

type Refusal = '404 Not Found' | '429 Too Many Requests' | '503 Service Unavailable'

function refuseUpgrade(socket: Duplex, status: Refusal): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

/** Answers GraphQL operations over the subprotocol `graphql-transport-ws`. */
export function graphqlOverWebsocket(parts: StreamParts): GraphqlWebsocket {
  const { pipeline, limits, seats, departures } = parts
  const heartbeat = startHeartbeat(limits)
  const converse = createConversation(parts, heartbeat)
  const options: ServerOptions & { readonly closeTimeout: number } = {
    noServer: true,
    maxPayload: limits.messageBytes,
    handleProtocols,
    // Compression costs 25 times the memory of an idle connection for messages of a few hundred bytes.
    perMessageDeflate: false,
    closeTimeout: CLOSE_TIMEOUT_MS,
    maxFragments: MAX_FRAGMENTS,
    // One message, ping or pong of a socket in each turn of the event loop: a socket can be paused between them.
    allowSynchronousEvents: false,
  }
  const sockets = new WebSocketServer(options)

  function takeSeat(address: string): Release | undefined {
    try {
      return seats.fromAddress(address)
    } catch {
      return undefined
    }
  }

  function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    // Not parsed as a URL: a stranger may send what is none, and nobody would catch the error here.
    const [path] = (request.url ?? '').split('?', 1)
    if (path !== '/graphql') return refuseUpgrade(socket, '404 Not Found')
    if (departures.isLeaving) return refuseUpgrade(socket, '503 Service Unavailable')
    const address = pipeline.addressOf(request)
    const release = takeSeat(address)
    if (release === undefined) return refuseUpgrade(socket, '429 Too Many Requests')
    socket.once('close', release)
    sockets.handleUpgrade(request, socket, head, (opened) => converse(opened, address))
  }

  return {
    attach: (server) => void server.on('upgrade', onUpgrade),
    async close() {
      heartbeat.stop()
      const cut = setTimeout(() => sockets.clients.forEach((socket) => socket.terminate()), FAREWELL_MS)
      await new Promise((resolve) => sockets.close(resolve))
      clearTimeout(cut)
    },
  }
}
