import { orderAt } from './order-history.ts'
import type { OrderEventResolvers } from './schema-types.generated.ts'

/** Fields of the type OrderEvent. */
export const orderEvent: OrderEventResolvers = {
  orderId: ({ order }) => order.id,
  seq: ({ event }) => event.seq,
  type: ({ event }) => event.type,
  source: ({ event }) => event.source,
  occurredAt: ({ event }) => event.occurredAt,
  recordedAt: ({ event }) => event.recordedAt,
  order: ({ event, order }) => orderAt(order, event.seq),
}
