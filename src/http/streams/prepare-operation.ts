import {
  getOperationAST,
  getVariableValues,
  GraphQLError,
  type DocumentNode,
  type ExecutionArgs,
  type GraphQLSchema,
} from 'graphql'
import type { Log } from '../../operations/log.ts'
import type { ReadBody } from '../../operations/read-body.ts'
import type { GatewayContext } from '../../resolvers/context.ts'
import { callerError } from '../../resolvers/errors.ts'
import type { Departures } from './departures.ts'
import type { Documents } from './documents.ts'
import type { StreamLimits } from '../../operations/stream-limits.ts'
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
  readonly documents: Documents
  readonly contextFor: (authorization: unknown) => Promise<GatewayContext>
  readonly departures: Departures
  readonly limits: StreamLimits
  readonly seats: Seats
  readonly log: Log
  readonly readBody: ReadBody
}

type Prepared = ExecutionArgs & { readonly contextValue: GatewayContext }

/** What the variables or the operation's name have wrong: left to the execution, it would have no code. */
function mistakesOf(schema: GraphQLSchema, document: DocumentNode, request: OperationRequest) {
  const operation = getOperationAST(document, request.operationName)
  if (!operation) {
    const which = request.operationName ? `named ${request.operationName}` : 'that could be meant'
    const extensions = { code: 'OPERATION_RESOLUTION_FAILURE' }
    return [new GraphQLError(`The document has no operation ${which}.`, { extensions })]
  }
  const { errors = [] } = getVariableValues(
    schema,
    operation.variableDefinitions ?? [],
    request.variables ?? {},
    {
      maxErrors: 10,
    },
  )
  return errors.map(({ message }) => callerError('BAD_USER_INPUT', message))
}

/**
 * Reads an operation under the same rules as over HTTP, and asks who is calling.
 * @returns what to execute, or what is wrong with the operation
 */
export async function prepareOperation(
  { schema, documents }: Pick<StreamParts, 'schema' | 'documents'>,
  request: OperationRequest,
  identify: () => Promise<GatewayContext>,
): Promise<Prepared | readonly GraphQLError[]> {
  const document = documents.read(request.query)
  if (!('kind' in document)) return document
  const mistakes = mistakesOf(schema, document, request)
  if (mistakes.length > 0) return mistakes
  const { variables: variableValues, operationName } = request
  return { schema, document, contextValue: await identify(), variableValues, operationName }
}
