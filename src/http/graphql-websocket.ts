import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { handleProtocols } from 'graphql-ws'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import type { Log } from '../operations/log.ts'
import { maskErrors, showError } from '../resolvers/errors.ts'
import { prepareOperation, type StreamParts } from './prepare-operation.ts'

/** What GraphQL over WebSocket needs. */
export interface GraphqlWebsocketParts extends StreamParts {
  readonly log: Log
}

/** The door for WebSockets. */
export interface GraphqlWebsocket {
  /** Takes the upgrades of a server to `/graphql`; others are refused. */
  attach(server: Server): void
  /** Tells the clients to come back (close code 1001) and ends their operations. */
  close(): Promise<void>
}

/** Operations are small; what is larger is not one. */
const MAX_MESSAGE_BYTES = 64 * 1024
const INIT_TIMEOUT_MS = 5000

function refuseUpgrade(socket: Duplex): void {
  socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
}

/** Answers GraphQL operations over the subprotocol `graphql-transport-ws`. */
export function graphqlOverWebsocket(parts: GraphqlWebsocketParts): GraphqlWebsocket {
  const { schema, log } = parts
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
    if (path !== '/graphql') return refuseUpgrade(socket)
    sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit('connection', opened, request))
  }

  return {
    attach: (server) => void server.on('upgrade', onUpgrade),
    close: async () => {
      await graphql.dispose()
    },
  }
}
