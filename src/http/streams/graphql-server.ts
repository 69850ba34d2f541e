import { makeServer, type Context, type SubscribePayload } from 'graphql-ws'
import { callerError, maskErrors, showError } from '../../resolvers/errors.ts'
import type { Operations } from './operations.ts'
import {
  abandonOperation,
  beginSubscription,
  executeOperation,
  prepareOperation,
  type StreamOperation,
  type StreamParts,
} from './prepare-operation.ts'
import { identifySessions, refusalOf, type Parameters, type Session } from './session.ts'

type SocketContext = Context<Parameters, Session>

/** Answers graphql-ws's questions about a socket; the protocol itself is graphql-ws's. */
export function createGraphqlServer(parts: StreamParts) {
  const { pipeline, log, limits, seats } = parts
  const sessions = identifySessions(parts)

  async function begin({ extra, connectionParams, subscriptions }: SocketContext, payload: SubscribePayload) {
    const { operations, socket } = extra
    // The one that begins is counted already, and one that the client has completed is not counted any more.
    if (Object.keys(subscriptions).length > limits.subscriptionsPerSocket) {
      const why = `One socket may have ${limits.subscriptionsPerSocket} operations at once; complete one first.`
      return [callerError('TOO_MANY_REQUESTS', why)]
    }
    operations.begin(payload)
    try {
      const caller = await sessions.callerOf(extra, connectionParams)
      const isDisconnected = (): boolean => socket.readyState !== socket.OPEN
      const prepared = await prepareOperation(pipeline, payload, { caller, isDisconnected })
      if ('document' in prepared) hold(payload, operations, prepared)
      else operations.end(payload)
      return prepared
    } catch (error) {
      operations.end(payload)
      return [refusalOf(error)]
    }
  }

  /** @throws TOO_MANY_REQUESTS */
  function hold(payload: SubscribePayload, operations: Operations, prepared: StreamOperation): void {
    try {
      operations.hold(payload, seats.subscription(prepared.contextValue.caller))
    } catch (error) {
      abandonOperation(prepared)
      throw error
    }
  }

  return makeServer<Parameters, Session>({
    schema: pipeline.schema,
    execute: executeOperation,
    subscribe: beginSubscription,
    connectionInitWaitTimeout: limits.initMs,
    onConnect: ({ extra, connectionParams }) => sessions.connect(extra, connectionParams),
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
