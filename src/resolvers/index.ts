import { DateTimeResolver, JSONResolver } from 'graphql-scalars'
import { orderConnection } from './order-connection.ts'
import { orderEvent } from './order-event.ts'
import { order, orderQueries } from './order.ts'
import { paymentMutations } from './payment.ts'
import type { Resolvers } from './schema-types.generated.ts'
import { orderSubscriptions } from './watching.ts'

/** What stands behind every field of the schema. */
export const resolvers: Resolvers = {
  DateTime: DateTimeResolver,
  JSON: JSONResolver,
  Node: { __resolveType: () => 'Order' },
  Order: order,
  OrderConnection: orderConnection,
  OrderEvent: orderEvent,
  Query: orderQueries,
  Mutation: paymentMutations,
  Subscription: orderSubscriptions,
}
