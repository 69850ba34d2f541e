import { ApolloServer, type ApolloServerPlugin } from '@apollo/server'
import { unwrapResolverError } from '@apollo/server/errors'
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled'
import { GraphQLError, OperationTypeNode, type GraphQLSchema } from 'graphql'
import type { Log } from '../operations/log.ts'
import type { GatewayContext } from '../resolvers/context.ts'
import { showError } from '../resolvers/errors.ts'
import { MAX_TOKENS, operationLimits } from './operation-limits.ts'

const NO_STREAM =
  'A subscription needs a door that stays open: WebSocket at /graphql, or server-sent events at POST /graphql/stream.'

/** Apollo would execute a subscription like a query and fail over it: a mistake of the caller's, and no error here. */
const noSubscriptions: ApolloServerPlugin<GatewayContext> = {
  async requestDidStart() {
    return {
      async didResolveOperation({ operation }) {
        if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) return
        throw new GraphQLError(NO_STREAM, { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } })
      },
    }
  },
}

/** Starts Apollo Server for queries and mutations over HTTP, under the same limits as the other doors. */
export async function startApollo(schema: GraphQLSchema, log: Log): Promise<ApolloServer<GatewayContext>> {
  const apollo = new ApolloServer<GatewayContext>({
    schema,
    introspection: true,
    validationRules: operationLimits,
    parseOptions: { maxTokens: MAX_TOKENS },
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    plugins: [ApolloServerPluginLandingPageDisabled(), noSubscriptions],
    formatError: (formatted, error) => showError(log, formatted, unwrapResolverError(error)),
  })
  await apollo.start()
  return apollo
}
