import { ApolloServer, HeaderMap, type ApolloServerPlugin, type GraphQLResponse } from '@apollo/server'
import { unwrapResolverError } from '@apollo/server/errors'
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled'
import {
  GraphQLError,
  OperationTypeNode,
  parse,
  type FormattedExecutionResult,
  type GraphQLSchema,
} from 'graphql'
import type { Log } from '../operations/log.ts'
import type { GatewayContext } from '../resolvers/context.ts'
import { showError } from '../resolvers/errors.ts'
import type { Answered, Decision, Refused } from './operations/decision.ts'
import { retryAfterOf, statusOf } from './operations/refusals.ts'
import type { OperationRequest } from './operations/requested-operation.ts'

/** The context of one request over HTTP. */
export interface HttpContext extends GatewayContext {
  readonly admit: (request: OperationRequest) => Promise<Decision>
}

const NO_STREAM =
  'A subscription needs a transport that stays open: WebSocket at /graphql, or server-sent events at POST /graphql/stream.'

/** Stands for the document of an operation that is refused or answered already: Apollo does not execute it. */
const NOTHING = parse('{ __typename }')

/** The JSON of introspection results, which is written once. */
const texts = new WeakMap<object, string>()

function headOf(errors: Refused['errors']) {
  const retryAfter = retryAfterOf(errors)
  const headers = new HeaderMap(retryAfter === undefined ? [] : [['retry-after', retryAfter]])
  return { status: statusOf(errors), headers }
}

function responseTo(decision: Answered | Refused): GraphQLResponse {
  if (decision.kind === 'refused') {
    const { errors } = decision
    const singleResult = { errors: errors.map((error) => error.toJSON()) }
    return { http: headOf(errors), body: { kind: 'single', singleResult } }
  }
  const { result, text } = decision.answer
  if (result.data) texts.set(result.data, text)
  const http = { status: 200, headers: new HeaderMap() }
  return { http, body: { kind: 'single', singleResult: { data: result.data ?? null } } }
}

/**
 * Joins the admission to Apollo, which reads a document by itself unless the request has one already: so it never parses
 * and never validates.
 */
const admission: ApolloServerPlugin<HttpContext> = {
  async requestDidStart() {
    let decision: Decision | undefined
    return {
      async didResolveSource(requestContext) {
        const { source, request, contextValue } = requestContext
        const { variables, operationName } = request
        decision = await contextValue.admit({ query: source, variables, operationName })
        const document = decision.kind === 'admitted' ? decision.document : NOTHING
        Object.assign(requestContext, { document })
      },
      /** Apollo would execute a subscription like a query and fail over it. */
      async didResolveOperation({ operation }) {
        if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) return
        throw new GraphQLError(NO_STREAM, { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } })
      },
      async responseForOperation() {
        return decision === undefined || decision.kind === 'admitted' ? null : responseTo(decision)
      },
    }
  },
}

function stringify(result: FormattedExecutionResult): string {
  return `${(result.data && texts.get(result.data)) ?? JSON.stringify(result)}\n`
}

/** Apollo would print on the console; at a stop, for example, that a client which has disconnected gets no answer. */
function loggerOf(log: Log) {
  const debug = (message?: unknown): void => log.debug({}, `Apollo: ${String(message)}`)
  const warn = (message?: unknown): void => log.warn({}, `Apollo: ${String(message)}`)
  const error = (message?: unknown): void => log.error({}, `Apollo: ${String(message)}`)
  return { debug, info: debug, warn, error }
}

/** Starts Apollo Server for queries and mutations over HTTP, behind the same admission as the other transports. */
export async function startApollo(schema: GraphQLSchema, log: Log): Promise<ApolloServer<HttpContext>> {
  const apollo = new ApolloServer<HttpContext>({
    schema,
    introspection: true,
    documentStore: null,
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    plugins: [ApolloServerPluginLandingPageDisabled(), admission],
    stringifyResult: stringify,
    logger: loggerOf(log),
    formatError: (formatted, error) => showError(log, formatted, unwrapResolverError(error)),
  })
  await apollo.start()
  return apollo
}
