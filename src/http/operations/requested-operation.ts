import {
  getOperationAST,
  getVariableValues,
  GraphQLError,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql'
import type { Variables } from './cost.ts'

/** An operation as a client sends it. */
export interface OperationRequest {
  readonly query: string
  readonly variables?: Record<string, unknown> | null | undefined
  readonly operationName?: string | null | undefined
}

/** The operation that a request means, with its variables. */
export interface RequestedOperation {
  readonly operation: OperationDefinitionNode
  /** Coerced, with defaults. */
  readonly variables: Variables
}

const MAX_MISTAKES = 10

/** Finds the operation and coerces the variables, or says what is wrong with them. */
export function requestedOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  request: OperationRequest,
): RequestedOperation | readonly GraphQLError[] {
  const operation = getOperationAST(document, request.operationName)
  if (!operation) {
    const which = request.operationName ? `named ${request.operationName}` : 'that could be meant'
    const extensions = { code: 'OPERATION_RESOLUTION_FAILURE' }
    return [new GraphQLError(`The document has no operation ${which}.`, { extensions })]
  }
  const { variableDefinitions = [] } = operation
  const given = request.variables ?? {}
  const { errors, coerced } = getVariableValues(schema, variableDefinitions, given, {
    maxErrors: MAX_MISTAKES,
  })
  if (coerced !== undefined) return { operation, variables: coerced }
  return errors.map(
    ({ message, nodes = null }) =>
      new GraphQLError(message, { nodes, extensions: { code: 'BAD_USER_INPUT' } }),
  )
}
