import type { IncomingMessage, ServerResponse } from 'node:http'
import { GraphQLError } from 'graphql'
import { createHandler, print, type Request, type Response } from 'graphql-sse'
import type { Context } from 'koa'
import type { GatewayContext } from '../../resolvers/context.ts'
import { maskErrors } from '../../resolvers/errors.ts'
import { clientAbsence, clientPresence } from '../../operations/client-presence.ts'
import { maxOperationBytes, refusedBody, type RefusedBody } from '../operation-body.ts'
import { queueKeyOf, type IdentifiedCaller } from '../operations/callers.ts'
import { clientDisconnected, retryAfterOf, statusOf } from '../operations/refusals.ts'
import { comeBack } from './departures.ts'
import { onExpiry, tokenExpired } from './expiry.ts'
import { holdWhileOpen, type Hold } from './hold.ts'
import {
  abandonOperation,
  beginSubscription,
  executeOperation,
  prepareOperation,
  type StreamParts,
} from './prepare-operation.ts'
import { drained, writeAll } from './write-all.ts'

/** The same as the interface, in the form that graphql-sse asks of a context. */
type StreamContext = Pick<GatewayContext, keyof GatewayContext>

/** What graphql-sse passes through: where the answer to a request goes, and what is kept meanwhile. */
interface Stream extends Record<string, unknown> {
  readonly response: ServerResponse
  readonly hold: Hold
  readonly caller: IdentifiedCaller
  readonly isDisconnected: () => boolean
}

const EVENT_STREAM = 'text/event-stream'

/** The same as graphql-sse's. */
const STREAM_HEADERS = {
  connection: 'keep-alive',
  'cache-control': 'no-cache',
  'content-encoding': 'none',
  'content-type': `${EVENT_STREAM}; charset=utf-8`,
}

function parseBody(body: Buffer): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(body.toString('utf8'))
    return typeof json === 'object' && json !== null ? { ...json } : undefined
  } catch {
    return undefined
  }
}

function requestOf(
  { req, method, url, headers }: Context,
  body: Record<string, unknown>,
  stream: Stream,
): Request<IncomingMessage, Stream> {
  // Asked for among other types, or by `*/*`, it is the same stream; the library knows the one name only.
  const get = (name: string): string | undefined =>
    name === 'accept' ? EVENT_STREAM : headers[name]?.toString()
  return { raw: req, method, url, headers: { get }, body, context: stream }
}

function notAcceptable(): GraphQLError {
  const sentence = `This address answers with ${EVENT_STREAM}, which the header Accept rules out.`
  return new GraphQLError(sentence, { extensions: { code: 'NOT_ACCEPTABLE' } })
}

function refuse(
  response: ServerResponse,
  error: GraphQLError,
  { status, headers }: Partial<RefusedBody> = {},
): void {
  if (response.headersSent) return
  const { message, extensions } = error
  const retryAfter = retryAfterOf([error])
  response.writeHead(status ?? statusOf([error]), {
    'content-type': 'application/json',
    connection: 'close',
    ...(retryAfter !== undefined && { 'retry-after': retryAfter }),
    ...headers,
  })
  response.end(JSON.stringify({ errors: [{ message, extensions }] }))
}

/** Without the event `complete` before it, the end of a stream means to come back, and not that all has been told. */
function endEarly(response: ServerResponse): void {
  if (response.headersSent) response.end()
  else refuse(response, comeBack())
}

/** The stream may still be being opened, and then has no head yet. */
function endExpired(response: ServerResponse): void {
  if (response.writableEnded) return
  if (!response.headersSent) response.writeHead(200, STREAM_HEADERS)
  const errors = [tokenExpired()]
  response.end(print({ event: 'next', data: { errors } }) + print({ event: 'complete', data: null }))
}

/** The whole stream of an operation that is not begun. As a plain result graphql-sse would not know it, without `data`. */
async function* only(errors: readonly GraphQLError[]) {
  yield { errors: [...errors] }
}

/** A mistake is an event of the stream; a caller over a bound gets no stream. @throws TOO_MANY_REQUESTS */
function refusal(errors: readonly GraphQLError[]) {
  const [first] = errors
  if (first?.extensions['code'] === 'TOO_MANY_REQUESTS') throw first
  return only(errors)
}

/** Everything of graphql-sse but its adapter for Koa, which cannot end a stream before all has been told. */
function createStreams(parts: StreamParts) {
  const { pipeline, log, seats, limits } = parts

  /** Keeps what the stream needs for as long as it is open. @throws TOO_MANY_REQUESTS, or UNAVAILABLE once it has ended */
  function admit(context: GatewayContext, { response, hold }: Stream): void {
    // Who was told to come back asks again, elsewhere: what it asked for here must not be done as well.
    if (response.writableEnded) throw comeBack()
    hold(seats.connection(context.caller))
    hold(seats.subscription(context.caller))
    hold(onExpiry(context, () => endExpired(response)))
  }

  return createHandler<IncomingMessage, Stream, StreamContext>({
    // Without a stream token there is only the mode of distinct connections.
    authenticate: () => undefined,
    // What is prepared below is validated.
    validate: () => [],
    execute: executeOperation,
    subscribe: beginSubscription,
    async onSubscribe({ context: stream }, { query, variables, operationName }) {
      const { caller, isDisconnected } = stream
      const prepared = await prepareOperation(
        pipeline,
        { query, variables, operationName },
        { caller, isDisconnected },
      )
      if (!('document' in prepared)) return refusal(prepared)
      try {
        admit(prepared.contextValue, stream)
        return prepared
      } catch (error) {
        abandonOperation(prepared)
        if (error instanceof GraphQLError) return only([error])
        throw error
      }
    },
    async onNext(_context, { context: { response } }, result) {
      // The library would read on, and keep whatever the client has not taken yet.
      await drained(response, limits.stallMs)
      if (!('errors' in result) || result.errors === undefined) return undefined
      return { ...result, errors: maskErrors(log, result.errors) }
    },
  })
}

/**
 * Answers GraphQL operations over server-sent events (graphql-sse, distinct connections): for pages whose network lets
 * no WebSocket through. A comment every twelve seconds keeps proxies from closing a quiet stream.
 */
export function graphqlOverSse(parts: StreamParts) {
  const { pipeline, departures, seats, limits, readBody } = parts
  const handle = createStreams(parts)

  async function write(
    [answered, { status, headers = {} }]: Response,
    { response, hold }: Stream,
  ): Promise<void> {
    const isStream = answered !== null && typeof answered !== 'string'
    if (isStream) hold(() => void answered.return(undefined))
    // Ended while it was being opened: nobody will read the stream, and the line above has seen to its end.
    if (response.headersSent) return
    response.writeHead(status, headers)
    if (!isStream) return void response.end(answered)
    await writeAll(answered, response, limits.stallMs)
  }

  async function answer(context: Context): Promise<void> {
    const { req: request, res: response } = context
    if (departures.isLeaving) throw comeBack()
    if (context.accepts(EVENT_STREAM) === false) throw notAcceptable()
    const isDisconnected = clientAbsence(response)
    const hold = holdWhileOpen(clientPresence(response))
    const address = pipeline.addressOf(request)
    hold(seats.fromAddress(address))
    const caller = await pipeline.identify(context.headers.authorization, address)
    const maxBytes = Math.min(limits.messageBytes, maxOperationBytes(request))
    const bytes = await readBody(request, maxBytes)
    if (!Buffer.isBuffer(bytes)) {
      const refused = refusedBody(bytes, maxBytes)
      return refuse(response, refused.error, refused)
    }
    await pipeline.scheduler.wait(queueKeyOf(caller))
    if (isDisconnected()) throw clientDisconnected()
    const body = parseBody(bytes)
    if (body === undefined) throw new GraphQLError('The body is not a JSON object.')
    hold(departures.add(() => endEarly(response)))
    const stream = { response, hold, caller, isDisconnected }
    await write(await handle(requestOf(context, body, stream)), stream)
  }

  return async function stream(context: Context): Promise<void> {
    // From here on the response is written by hand.
    context.respond = false
    try {
      await answer(context)
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error
      refuse(context.res, error)
    }
  }
}
