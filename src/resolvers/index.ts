import { DateTimeResolver, JSONResolver } from 'graphql-scalars'
import { anomaly } from './anomaly.ts'
import { askingMutations } from './asking.ts'
import { feedSubscriptions } from './feed.ts'
import { notificationConnection } from './notification-connection.ts'
import { notification, notificationMutations, notificationQueries } from './notification.ts'
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
  Node: { __resolveType: (node) => ('outTradeNo' in node ? 'Order' : 'Notification') },
  Anomaly: anomaly,
  Notification: notification,
  NotificationConnection: notificationConnection,
  Order: order,
  OrderConnection: orderConnection,
  OrderEvent: orderEvent,
  Query: { ...orderQueries, ...notificationQueries },
  Mutation: { ...paymentMutations, ...askingMutations, ...notificationMutations },
  Subscription: { ...orderSubscriptions, ...feedSubscriptions },
}
