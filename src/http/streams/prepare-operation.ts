import {
  GraphQLError,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type ExecutionArgs,
  type GraphQLSchema,
} from 'graphql'
import type { GatewayContext } from '../../resolvers/context.ts'
import type { Log } from '../../operations/log.ts'
import { MAX_TOKENS, operationLimits } from '../operation-limits.ts'
import type { Departures } from './departures.ts'
import type { StreamLimits } from './limits.ts'
import type { Seats } from './seats.ts'

/** An operation as a client sends it. */
export interface OperationRequest {
  readonly query: string
  readonly variables?: Record<string, unknown> | null | undefined
  readonly operationName?: string | null | undefined
}

/** What the doors that keep a stream open need. */
export interface StreamParts {
  readonly schema: GraphQLSchema
  readonly contextFor: (authorization: unknown) => Promise<GatewayContext>
  readonly departures: Departures
  readonly limits: StreamLimits
  readonly seats: Seats
  readonly log: Log
}

type Prepared = ExecutionArgs & { readonly contextValue: GatewayContext }

function parseDocument(query: string): DocumentNode | GraphQLError {
  try {
    return parse(query, { maxTokens: MAX_TOKENS })
  } catch (error) {
    if (error instanceof GraphQLError) return error
    throw error
  }
}

/**
 * Parses and validates an operation under the same rules as over HTTP, and asks who is calling: anew for each
 * operation, so that a token which has expired in the meantime is noticed.
 * @returns what to execute, or what is wrong with the document
 */
export async function prepareOperation(
  { schema, contextFor }: Pick<StreamParts, 'schema' | 'contextFor'>,
  { query, variables, operationName }: OperationRequest,
  authorization: unknown,
): Promise<Prepared | readonly GraphQLError[]> {
  const document = parseDocument(query)
  if (document instanceof GraphQLError) return [document]
  const mistakes = validate(schema, document, [...specifiedRules, ...operationLimits])
  if (mistakes.length > 0) return mistakes
  const contextValue = await contextFor(authorization)
  return { schema, document, contextValue, variableValues: variables, operationName }
}
