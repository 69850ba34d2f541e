import { fold } from '../domain/evolve.ts'
import type { Order, OrderEvent } from '../domain/order.ts'
import type { OrderEventResolvers } from './schema-types.generated.ts'

/** An event together with the order that it belongs to. */
export interface OrderEventSource {
  readonly event: OrderEvent
  readonly order: Order
}

/** Fields of the type OrderEvent. */
export const orderEvent: OrderEventResolvers = {
  orderId: ({ order }) => order.id,
  seq: ({ event }) => event.seq,
  type: ({ event }) => event.type,
  source: ({ event }) => event.source,
  occurredAt: ({ event }) => event.occurredAt,
  recordedAt: ({ event }) => event.recordedAt,
  order: ({ event, order }) => fold(order.events.filter(({ seq }) => seq <= event.seq)),
}
