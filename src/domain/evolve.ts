import type { PaymentAttempt } from './payment-fact.ts'
import type { Order, OrderEvent } from './order.ts'

type Created = Extract<OrderEvent, { type: 'order.created' }>

function born(event: Created): Order {
  return {
    ...event.request,
    id: event.orderId,
    merchantId: event.merchantId,
    status: 'CREATED',
    closeReason: null,
    platform: null,
    platformState: null,
    transactionId: null,
    payerTotal: null,
    refundState: 'NONE',
    amountRefunded: 0,
    attempts: [],
    anomalies: [],
    seq: event.seq,
    events: [event],
    createdAt: event.recordedAt,
    updatedAt: event.recordedAt,
    paidAt: null,
    closedAt: null,
  }
}

/** A renewed prepay keeps its number at the platform, so it takes the place of the one it renews. */
function withAttempt(
  attempts: readonly PaymentAttempt[],
  attempt: PaymentAttempt,
): readonly PaymentAttempt[] {
  return [...attempts.filter((known) => known.platformTradeNo !== attempt.platformTradeNo), attempt]
}

function change(order: Order, event: OrderEvent): Partial<Order> {
  switch (event.type) {
    case 'order.created':
      throw new Error(`Order ${order.id} cannot be created a second time (event ${event.seq}).`)
    case 'order.payment_started':
      return {
        status: order.status === 'CREATED' ? 'PENDING' : order.status,
        platform: order.platform ?? event.attempt.platform,
        attempts: withAttempt(order.attempts, event.attempt),
      }
    case 'order.paid':
      return {
        status: 'PAID',
        closeReason: null,
        closedAt: null,
        platform: event.platform,
        platformState: event.platformState,
        transactionId: event.transactionId,
        payerTotal: event.payerTotal,
        paidAt: event.occurredAt,
      }
    case 'order.closed':
      return { status: 'CLOSED', closeReason: event.reason, closedAt: event.occurredAt }
    case 'anomaly.detected':
      return { anomalies: [...order.anomalies, event.anomaly] }
  }
}

/** The order after one more event. Pure; the event's `seq` must be the next one. */
export function evolve(order: Order, event: OrderEvent): Order {
  if (event.seq !== order.seq + 1) {
    throw new Error(`Order ${order.id} has seq ${order.seq}: event ${event.seq} does not follow it.`)
  }
  return {
    ...order,
    ...change(order, event),
    seq: event.seq,
    events: [...order.events, event],
    updatedAt: event.recordedAt,
  }
}

/**
 * The order that a history tells, oldest event first.
 * @throws {Error} when the history does not begin with `order.created` or has a gap
 */
export function fold(events: readonly OrderEvent[]): Order {
  const [first, ...rest] = events
  if (first?.type !== 'order.created') {
    throw new Error(`A history begins with order.created, not with ${first?.type ?? 'nothing'}.`)
  }
  return rest.reduce(evolve, born(first))
}
