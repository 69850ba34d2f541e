import { HeaderMap, type ApolloServer } from '@apollo/server'
import type { Context } from 'koa'
import type { GatewayContext } from '../resolvers/context.ts'
import type { ReadBody } from '../operations/read-body.ts'
import { maxOperationBytes, refusedBody } from './operation-body.ts'

/** What GraphQL over HTTP needs. */
export interface GraphqlHttpParts {
  readonly apollo: ApolloServer<GatewayContext>
  readonly contextFor: (authorization: unknown) => Promise<GatewayContext>
  readonly readBody: ReadBody
}

function refuse(context: Context, status: number, message: string): void {
  context.status = status
  context.body = { errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] }
}

async function readJson(
  context: Context,
  readBody: ReadBody,
): Promise<{ readonly json: unknown } | undefined> {
  if (context.method !== 'POST') return { json: undefined }
  const maxBytes = maxOperationBytes(context.req)
  const body = await readBody(context.req, maxBytes)
  if (!Buffer.isBuffer(body)) {
    const { status, headers, error } = refusedBody(body, maxBytes)
    context.set(headers)
    context.status = status
    context.body = { errors: [error] }
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
export function graphqlOverHttp({ apollo, contextFor, readBody }: GraphqlHttpParts) {
  return async function graphql(context: Context): Promise<void> {
    const read = await readJson(context, readBody)
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
