import { createHash } from 'node:crypto'
import { executeSync, type ExecutionResult, type GraphQLSchema } from 'graphql'
import { LRUCache } from 'lru-cache'
import type { ValidDocument } from './documents.ts'
import { isNestedTooDeeply } from './nesting.ts'
import type { OperationRequest } from './requested-operation.ts'

/** The answer to an introspection, as an object and as JSON. */
export interface IntrospectionAnswer {
  readonly result: ExecutionResult
  readonly text: string
}

/** Answers to introspections: the schema does not change while the process runs. */
export interface Introspection {
  known(request: OperationRequest): IntrospectionAnswer | undefined
  /** Executes an operation that asks for nothing else, and remembers the answer. */
  answer(request: OperationRequest, valid: ValidDocument): IntrospectionAnswer
}

const MAX_KEPT = 100
/** Of all answers together, as JSON; as objects they take about ten times as much. */
const MAX_KEPT_CHARACTERS = 3 * 1024 * 1024

/** Variables of a size that no introspection has are not worth their key. */
const MAX_VARIABLES_CHARACTERS = 4096

function keyOf({ query, variables, operationName }: OperationRequest): string | undefined {
  if (isNestedTooDeeply(variables)) return undefined
  const given = JSON.stringify(variables ?? null)
  if (given.length > MAX_VARIABLES_CHARACTERS) return undefined
  return createHash('sha256')
    .update(JSON.stringify([operationName ?? null, given, query]))
    .digest('base64')
}

/** Nothing is known yet. */
export function createIntrospection(schema: GraphQLSchema): Introspection {
  const kept = new LRUCache<string, IntrospectionAnswer>({
    max: MAX_KEPT,
    maxSize: MAX_KEPT_CHARACTERS,
    sizeCalculation: ({ text }) => text.length,
  })
  return {
    known(request) {
      const key = keyOf(request)
      return key === undefined ? undefined : kept.get(key)
    },
    answer(request, { document }) {
      const { variables: variableValues, operationName } = request
      const result = executeSync({ schema, document, variableValues, operationName })
      const answer = { result, text: JSON.stringify(result) }
      const key = keyOf(request)
      if (key !== undefined) kept.set(key, answer)
      return answer
    },
  }
}
