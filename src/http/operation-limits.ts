import { costLimitRule } from '@escape.tech/graphql-armor-cost-limit'
import { maxDepthRule } from '@escape.tech/graphql-armor-max-depth'
import { GraphQLError, type FieldNode, type ValidationContext } from 'graphql'

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

/**
 * How many words and signs a document may have: the playground's introspection has about 300, and nothing that is sent
 * to a gateway needs a hundredth of what a body could hold.
 */
export const MAX_TOKENS = 5000

/**
 * What introspection gives has the size of the schema, times the names that are given to it: asked for under hundreds
 * of names, the schema alone would fill the memory, and anybody may ask. Without names of its own, the same field is
 * the same field however often it stands there.
 */
function noIntrospectionAliases(context: ValidationContext) {
  return {
    Field(node: FieldNode): void {
      const isIntrospection =
        node.name.value === '__schema' ||
        node.name.value === '__type' ||
        context.getParentType()?.name.startsWith('__') === true
      if (node.alias === undefined || !isIntrospection) return
      context.reportError(
        new GraphQLError(`Introspection is answered without aliases; ${node.alias.value} is one.`, {
          nodes: node,
        }),
      )
    },
  }
}

/** Rules for every operation, whichever door it comes through. Introspection does not count as deep or dear. */
export const operationLimits = [
  noIntrospectionAliases,
  (context: ValidationContext) => maxDepthRule({ n: MAX_DEPTH, ...REPORTED })(context),
  (context: ValidationContext) =>
    costLimitRule({ maxCost: MAX_COST, objectCost: 2, scalarCost: 1, depthCostFactor: 1.5, ...REPORTED })(
      context,
    ),
]
