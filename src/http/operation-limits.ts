import { costLimitRule } from '@escape.tech/graphql-armor-cost-limit'
import { maxDepthRule } from '@escape.tech/graphql-armor-max-depth'
import type { GraphQLError, ValidationContext } from 'graphql'

/**
 * How deep an operation may go. An order has events, and each event has the order as it was then: without a bound, a
 * short operation could ask for the order's history over and over, level by level.
 */
const MAX_DEPTH = 8

/** What an operation may cost: two for each object and one for each value, half as much again with each level. */
const MAX_COST = 5000

/** A mistake like any other in a document: reported with the limit, where the library would throw. */
const REPORTED = {
  exposeLimits: true,
  propagateOnRejection: false,
  onReject: [(context: ValidationContext | null, error: GraphQLError) => context?.reportError(error)],
}

/** Rules for every operation, whichever door it comes through. Introspection is free of them. */
export const operationLimits = [
  (context: ValidationContext) => maxDepthRule({ n: MAX_DEPTH, ...REPORTED })(context),
  (context: ValidationContext) =>
    costLimitRule({ maxCost: MAX_COST, objectCost: 2, scalarCost: 1, depthCostFactor: 1.5, ...REPORTED })(
      context,
    ),
]
