import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { GraphQLError } from 'graphql'
import { createHandler, type Request } from 'graphql-sse'
import type { Context } from 'koa'
import type { GatewayContext } from '../../resolvers/context.ts'
import { maskErrors } from '../../resolvers/errors.ts'
import { readBody } from '../read-body.ts'
import { comeBack } from './departures.ts'
import { prepareOperation, type StreamParts } from './prepare-operation.ts'

/** The same as the interface, in the form that graphql-sse asks of a context. */
type StreamContext = Pick<GatewayContext, keyof GatewayContext>

type StreamRequest = Request<Context['req'], undefined>

const MAX_BODY_BYTES = 64 * 1024

async function readJson(context: Context): Promise<Record<string, unknown> | undefined> {
  const body = await readBody(context.req, MAX_BODY_BYTES)
  try {
    const json: unknown = Buffer.isBuffer(body) ? JSON.parse(body.toString('utf8')) : undefined
    return typeof json === 'object' && json !== null ? { ...json } : undefined
  } catch {
    return undefined
  }
}

function requestOf({ req, method, url, headers }: Context, body: Record<string, unknown>): StreamRequest {
  const get = (name: string): string | undefined => headers[name]?.toString()
  return { raw: req, method, url, headers: { get }, body, context: undefined }
}

function refuse(
  response: ServerResponse,
  status: number,
  error: Pick<GraphQLError, 'message' | 'extensions'>,
) {
  const { message, extensions } = error
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
  response.end(JSON.stringify({ errors: [{ message, extensions }] }))
}

/** Without the event `complete` before it, the end of a stream means to come back, and not that all has been told. */
function endEarly(response: ServerResponse): void {
  if (response.headersSent) response.end()
  else refuse(response, 503, comeBack())
}

/** Writes what there is, at the speed at which it is read. */
async function send(chunks: AsyncIterable<string>, response: ServerResponse): Promise<void> {
  for await (const chunk of chunks) {
    if (response.writableEnded || response.destroyed) return
    if (response.write(chunk)) continue
    await Promise.race([once(response, 'drain'), once(response, 'close')])
  }
  response.end()
}

/** Everything of graphql-sse but its adapter for Koa, which cannot end a stream before all has been told. */
function createStreams(parts: StreamParts) {
  return createHandler<Context['req'], undefined, StreamContext>({
    // Without a stream token there is only the mode of distinct connections.
    authenticate: () => undefined,
    async onSubscribe({ headers }, { query, variables, operationName }) {
      const prepared = await prepareOperation(
        parts,
        { query, variables, operationName },
        headers.get('authorization') ?? undefined,
      )
      if ('document' in prepared) return prepared
      return { errors: [...prepared] }
    },
    onNext: (_context, _request, result) => {
      if (!('errors' in result) || result.errors === undefined) return undefined
      return { ...result, errors: maskErrors(parts.log, result.errors) }
    },
  })
}

/**
 * Answers GraphQL operations over server-sent events (graphql-sse, distinct connections): for pages whose network lets
 * no WebSocket through. A comment every twelve seconds keeps proxies from closing a quiet stream.
 */
export function graphqlOverSse(parts: StreamParts) {
  const { departures } = parts
  const handle = createStreams(parts)

  async function answer(context: Context, body: Record<string, unknown>): Promise<void> {
    const { res: response } = context
    const [answered, { status, headers = {} }] = await handle(requestOf(context, body))
    if (response.headersSent) return
    response.writeHead(status, headers)
    if (answered === null || typeof answered === 'string') return void response.end(answered)
    response.once('close', () => void answered.return(undefined))
    await send(answered, response)
  }

  return async function stream(context: Context): Promise<void> {
    const { res: response } = context
    // From here on the response is written by hand.
    context.respond = false
    if (departures.isLeaving) return endEarly(response)
    const body = await readJson(context)
    if (body === undefined) {
      return refuse(response, 400, {
        message: 'The body is not a JSON object of at most 64 KiB.',
        extensions: {},
      })
    }
    const forget = departures.add(() => endEarly(response))
    try {
      await answer(context, body)
    } finally {
      forget()
    }
  }
}
