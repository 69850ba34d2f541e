import { createHandler } from 'graphql-sse/lib/use/koa'
import type { Context } from 'koa'
import type { Log } from '../operations/log.ts'
import type { GatewayContext } from '../resolvers/context.ts'
import { maskErrors } from '../resolvers/errors.ts'
import { prepareOperation, type StreamParts } from './prepare-operation.ts'
import { readBody } from './read-body.ts'

/** The same as the interface, in the form that graphql-sse asks of a context. */
type StreamContext = Pick<GatewayContext, keyof GatewayContext>

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

/**
 * Answers GraphQL operations over server-sent events (graphql-sse, distinct connections): for pages whose network lets
 * no WebSocket through. A comment every twelve seconds keeps proxies from closing a quiet stream.
 */
export function graphqlOverSse(parts: StreamParts & { readonly log: Log }) {
  const { log } = parts
  const handle = createHandler<StreamContext>({
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
      return { ...result, errors: maskErrors(log, result.errors) }
    },
  })
  return async function stream(context: Context): Promise<void> {
    const body = await readJson(context)
    if (body === undefined) {
      context.set('Connection', 'close')
      context.status = 400
      context.body = { errors: [{ message: 'The body is not a JSON object of at most 64 KiB.' }] }
      return
    }
    Object.assign(context.request, { body })
    await handle(context, async () => undefined)
  }
}
