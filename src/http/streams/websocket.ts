import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { handleProtocols } from 'graphql-ws'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import { maskErrors, showError } from '../../resolvers/errors.ts'
import { prepareOperation, type StreamParts } from './prepare-operation.ts'

/** The door for WebSockets. */
export interface GraphqlWebsocket {
  /** Takes the upgrades of a server to `/graphql`; others are refused. */
  attach(server: Server): void
  /** Waits a moment for the sockets that are being closed, and ends the rest. */
  close(): Promise<void>
}

/** Operations are small; what is larger is not one. */
const MAX_MESSAGE_BYTES = 64 * 1024
const INIT_TIMEOUT_MS = 5000

/** Clients answer the closing of a socket within this time, in milliseconds, or are not there any more. */
const FAREWELL_MS = 1000
const SERVICE_RESTART = 1012

function refuseUpgrade(socket: Duplex, status: '404 Not Found' | '503 Service Unavailable'): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

/** Answers GraphQL operations over the subprotocol `graphql-transport-ws`. */
export function graphqlOverWebsocket(parts: StreamParts): GraphqlWebsocket {
  const { schema, log, departures } = parts
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols,
    // Compression costs 25 times the memory of an idle connection for messages of a few hundred bytes.
    perMessageDeflate: false,
  })
  const graphql = useServer(
    {
      schema,
      connectionInitWaitTimeout: INIT_TIMEOUT_MS,
      // A document that cannot be parsed is one operation's mistake: left to the library it would end the socket.
      onSubscribe: ({ connectionParams }, _id, operation) =>
        prepareOperation(parts, operation, connectionParams?.['authorization']),
      // oxlint-disable-next-line max-params -- the signature is graphql-ws's
      onNext: (_context, _id, _payload, _arguments, { data = null, errors }) =>
        errors && { data, errors: maskErrors(log, errors).map((error) => error.toJSON()) },
      // oxlint-disable-next-line max-params -- the signature is graphql-ws's
      onError: (_context, _id, _payload, errors) =>
        errors.map((error) => showError(log, 'toJSON' in error ? error.toJSON() : error, error)),
    },
    sockets,
  )

  function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    // Not parsed as a URL: a stranger may send what is none, and nobody would catch the error here.
    const [path] = (request.url ?? '').split('?', 1)
    if (path !== '/graphql') return refuseUpgrade(socket, '404 Not Found')
    if (departures.isLeaving) return refuseUpgrade(socket, '503 Service Unavailable')
    sockets.handleUpgrade(request, socket, head, (opened) => {
      opened.once(
        'close',
        departures.add(() => opened.close(SERVICE_RESTART, 'The gateway restarts; come back.')),
      )
      sockets.emit('connection', opened, request)
    })
  }

  return {
    attach: (server) => void server.on('upgrade', onUpgrade),
    async close() {
      const cut = setTimeout(() => sockets.clients.forEach((socket) => socket.terminate()), FAREWELL_MS)
      await graphql.dispose()
      clearTimeout(cut)
    },
  }
}
