import type { DocumentNode, GraphQLError, GraphQLSchema } from 'graphql'
import type { OperationLimits } from '../../operations/operation-limits.ts'
import type { Introspection, IntrospectionAnswer } from './introspection.ts'
import type { Release } from './concurrency-limit.ts'

/** An operation that may be executed. */
export interface Admitted {
  readonly kind: 'admitted'
  readonly document: DocumentNode
  /** To be called when the operation was executed; of a subscription, when it has begun. */
  readonly release: Release
}

/** An introspection, whose answer is known. */
export interface Answered {
  readonly kind: 'answered'
  readonly document: DocumentNode
  readonly answer: IntrospectionAnswer
}

/** What is wrong with an operation, or with its moment. */
export interface Refused {
  readonly kind: 'refused'
  readonly errors: readonly GraphQLError[]
}

/** What becomes of an operation. */
export type Decision = Admitted | Answered | Refused

/** What decisions are made with. */
export interface DecisionParts {
  readonly schema: GraphQLSchema
  readonly limits: OperationLimits
  readonly introspection: Introspection
}

/** A refusal. */
export function refused(...errors: readonly GraphQLError[]): Refused {
  return { kind: 'refused', errors }
}
