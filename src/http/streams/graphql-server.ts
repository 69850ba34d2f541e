import { GraphQLError } from 'graphql'
import { CloseCode, makeServer, type Context, type SubscribePayload } from 'graphql-ws'
import type { WebSocket } from 'ws'
import type { GatewayContext } from '../../resolvers/context.ts'
import { callerError, maskErrors, showError } from '../../resolvers/errors.ts'
import { msUntilExpiry, onExpiry, tokenExpired } from './expiry.ts'
import type { Hold } from './hold.ts'
import type { Operations } from './operations.ts'
import { prepareOperation, type StreamParts } from './prepare-operation.ts'

/** What is known of one open socket. */
export interface Session {
  readonly socket: WebSocket
  readonly operations: Operations
  readonly hold: Hold
  /** Who came, since `connection_init`. */
  context?: GatewayContext
}

type Parameters = Record<string, unknown>

type SocketContext = Context<Parameters, Session>

/** Sent as a parameter where a page can send no header, and spelt as freely as a header may be. */
function authorizationIn(parameters: Parameters | undefined): unknown {
  const name = Object.keys(parameters ?? {}).find((given) => given.toLowerCase() === 'authorization')
  return name === undefined ? undefined : parameters?.[name]
}

/** "Try again later", of the WebSocket protocol. */
const TRY_AGAIN_LATER = 1013

function refusalOf(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error
  throw error
}

/** Answers graphql-ws's questions about a socket; the protocol itself is graphql-ws's. */
export function createGraphqlServer(parts: StreamParts) {
  const { schema, log, limits, seats } = parts

  /** A token that is no good may connect: each of its operations is told why, as over HTTP. */
  async function admit(session: Session, context: GatewayContext): Promise<boolean> {
    const { socket, hold } = session
    session.context = context
    if (socket.readyState !== socket.OPEN) return false
    try {
      hold(seats.connection(context.caller))
    } catch (error) {
      socket.close(TRY_AGAIN_LATER, refusalOf(error).message)
      return false
    }
    const expire = (): void => socket.close(CloseCode.Forbidden, tokenExpired().message)
    hold(onExpiry(context, expire))
    return true
  }

  async function begin({ extra, connectionParams, subscriptions }: SocketContext, payload: SubscribePayload) {
    const { operations } = extra
    // The one that begins is counted already, and one that the client has completed is not counted any more.
    if (Object.keys(subscriptions).length > limits.subscriptionsPerSocket) {
      const why = `One socket may have ${limits.subscriptionsPerSocket} operations at once; complete one first.`
      return [callerError('TOO_MANY_REQUESTS', why)]
    }
    operations.begin(payload)
    const prepared = await prepareOperation(parts, payload, async () => {
      const { context } = extra
      const isCurrent = context !== undefined && msUntilExpiry(context) > 0
      return isCurrent ? context : parts.contextFor(authorizationIn(connectionParams))
    })
    try {
      if ('document' in prepared) operations.hold(payload, seats.subscription(prepared.contextValue.caller))
      else operations.end(payload)
      return prepared
    } catch (error) {
      operations.end(payload)
      return [refusalOf(error)]
    }
  }

  return makeServer<Parameters, Session>({
    schema,
    connectionInitWaitTimeout: limits.initMs,
    onConnect: async ({ extra, connectionParams }) =>
      admit(extra, await parts.contextFor(authorizationIn(connectionParams))),
    // A document that cannot be parsed is one operation's mistake: left to the library it would end the socket.
    onSubscribe: (context, _id, payload) => begin(context, payload),
    onComplete: ({ extra }, _id, payload) => extra.operations.end(payload),
    // oxlint-disable-next-line max-params -- the signature is graphql-ws's
    onNext: (_context, _id, _payload, _arguments, { data = null, errors }) =>
      errors && { data, errors: maskErrors(log, errors).map((error) => error.toJSON()) },
    // oxlint-disable-next-line max-params -- the signature is graphql-ws's
    onError: (_context, _id, _payload, errors) =>
      errors.map((error) => showError(log, 'toJSON' in error ? error.toJSON() : error, error)),
  })
}
