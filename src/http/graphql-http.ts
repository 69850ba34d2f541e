import { HeaderMap, type ApolloServer } from '@apollo/server'
import type { Context } from 'koa'
import type { GatewayContext } from '../resolvers/context.ts'
import { readBody } from '../operations/read-body.ts'

/** What GraphQL over HTTP needs. */
export interface GraphqlHttpParts {
  readonly apollo: ApolloServer<GatewayContext>
  readonly contextFor: (authorization: unknown) => Promise<GatewayContext>
}

/** An operation with its variables; the largest sensible one creates an order with 4 KiB of metadata. */
const MAX_BODY_BYTES = 256 * 1024

function refuse(context: Context, status: number, message: string): void {
  context.status = status
  context.body = { errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] }
}

async function readJson(context: Context): Promise<{ readonly json: unknown } | undefined> {
  if (context.method !== 'POST') return { json: undefined }
  const body = await readBody(context.req, MAX_BODY_BYTES)
  if (!Buffer.isBuffer(body)) {
    context.set('Connection', 'close')
    refuse(context, body === 'too-large' ? 413 : 400, `The body is ${body.replace('-', ' ')}.`)
    return undefined
  }
  try {
    const json: unknown = JSON.parse(body.toString('utf8'))
    return { json }
  } catch {
    refuse(context, 400, 'The body is not JSON.')
    return undefined
  }
}

/** Answers GraphQL over HTTP (queries and mutations, POST or GET) with Apollo Server. */
export function graphqlOverHttp({ apollo, contextFor }: GraphqlHttpParts) {
  return async function graphql(context: Context): Promise<void> {
    const read = await readJson(context)
    if (read === undefined) return
    const headers = new HeaderMap()
    for (const [name, value] of Object.entries(context.headers)) {
      if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value)
    }
    const response = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method: context.method, headers, search: context.search, body: read.json },
      context: () => contextFor(context.headers.authorization),
    })
    // Apollo sends chunks only for @defer and @stream, which this schema does not have.
    if (response.body.kind !== 'complete') throw new Error('An answer in chunks is not supported.')
    context.status = response.status ?? 200
    for (const [name, value] of response.headers) context.set(name, value)
    context.body = response.body.string
  }
}
