import { HeaderMap, type ApolloServer, type HTTPGraphQLRequest } from '@apollo/server'
import { GraphQLError } from 'graphql'
import type { Context } from 'koa'
import { clientAbsence } from '../operations/client-presence.ts'
import type { ReadBody } from '../operations/read-body.ts'
import type { HttpContext } from './apollo.ts'
import { maxOperationBytes, refusedBody } from './operation-body.ts'
import { queueKeyOf, type IdentifiedCaller } from './operations/callers.ts'
import type { OperationPipeline } from './operations/pipeline.ts'
import type { Release } from './operations/concurrency-limit.ts'
import { clientDisconnected, retryAfterOf, statusOf, tooManyRequests } from './operations/refusals.ts'

/** What GraphQL over HTTP needs. */
export interface GraphqlHttpParts {
  readonly apollo: ApolloServer<HttpContext>
  readonly pipeline: OperationPipeline
  readonly readBody: ReadBody
}

interface ReadRequest {
  readonly caller: IdentifiedCaller
  readonly text: string
  readonly isDisconnected: () => boolean
}

function refuse(context: Context, error: GraphQLError): void {
  const retryAfter = retryAfterOf([error])
  if (retryAfter !== undefined) context.set('Retry-After', retryAfter)
  context.status = statusOf([error])
  context.body = { errors: [error.toJSON()] }
}

function badRequest(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } })
}

/** The body as text; undefined when it was refused. */
async function readText(context: Context, readBody: ReadBody): Promise<string | undefined> {
  if (context.method !== 'POST') return ''
  const maxBytes = maxOperationBytes(context.req)
  const body = await readBody(context.req, maxBytes)
  if (Buffer.isBuffer(body)) return body.toString('utf8')
  const { status, headers, error } = refusedBody(body, maxBytes)
  context.set(headers)
  context.status = status
  context.body = { errors: [error.toJSON()] }
  return undefined
}

/** @throws BAD_REQUEST */
function parseBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw badRequest('The body is not JSON.')
  }
}

function requestOf({ method, headers: given, search }: Context, text: string): HTTPGraphQLRequest {
  const headers = new HeaderMap()
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value)
  }
  return { method, headers, search, body: method === 'POST' ? parseBody(text) : undefined }
}

/** Answers GraphQL over HTTP (queries and mutations, POST or GET) with Apollo Server. */
export function graphqlOverHttp({ apollo, pipeline, readBody }: GraphqlHttpParts) {
  const { identify, addressOf, scheduler, admission, limits } = pipeline

  /** Waits in the caller's queue. @throws TOO_MANY_REQUESTS */
  async function waitForTurn(caller: IdentifiedCaller): Promise<void> {
    const line = queueKeyOf(caller)
    if (line.isKnown || scheduler.waiting(line) < limits.anonymousWaiting) return scheduler.wait(line)
    throw tooManyRequests('Too many requests of this address wait already; try again later.', 1)
  }

  async function execute(context: Context, { caller, text, isDisconnected }: ReadRequest): Promise<void> {
    let release: Release | undefined
    const response = await apollo
      .executeHTTPGraphQLRequest({
        httpGraphQLRequest: requestOf(context, text),
        context: async () => ({
          ...caller.context,
          async admit(request) {
            const decision = await admission.admit(request, caller, isDisconnected)
            if (decision.kind === 'admitted') release = decision.release
            return decision
          },
        }),
      })
      .finally(() => release?.())
    // Apollo sends chunks only for @defer and @stream, which this schema does not have.
    if (response.body.kind !== 'complete') throw new Error('An answer in chunks is not supported.')
    context.status = response.status ?? 200
    for (const [name, value] of response.headers) context.set(name, value)
    context.body = response.body.string
  }

  return async function graphql(context: Context): Promise<void> {
    const isDisconnected = clientAbsence(context.res)
    try {
      const caller = await identify(context.headers.authorization, addressOf(context.req))
      const text = await readText(context, readBody)
      if (text === undefined) return
      await waitForTurn(caller)
      if (isDisconnected()) throw clientDisconnected()
      await execute(context, { caller, text, isDisconnected })
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error
      refuse(context, error)
    }
  }
}
