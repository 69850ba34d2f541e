import type { Order, OrderEvent, Transaction } from './order.ts'
import type { PaymentAttempt } from './payment-fact.ts'

type Created = Extract<OrderEvent, { type: 'order.created' }>

function storedWith({ storedAt }: OrderEvent): Pick<Order, 'storedAt'> {
  return storedAt === undefined ? {} : { storedAt }
}

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
    transactions: [],
    anomalies: [],
    seq: event.seq,
    events: [event],
    createdAt: event.recordedAt,
    updatedAt: event.recordedAt,
    ...storedWith(event),
    paidAt: null,
    closedAt: null,
    numbers: [],
    closing: null,
  }
}

/** Earlier first; the platform's number decides between equal times, so that every permutation sorts the same. */
export function isEarlier(one: Transaction, other: Transaction): boolean {
  const difference = one.paidAt.getTime() - other.paidAt.getTime()
  return difference < 0 || (difference === 0 && one.transactionId < other.transactionId)
}

/** The platform and the money's details follow from the transaction that paid the order, the earliest one. */
function withTransaction(order: Order, transaction: Transaction): Partial<Order> {
  const transactions = [...order.transactions, transaction].sort((a, b) => (isEarlier(a, b) ? -1 : 1))
  const { platform, platformState, transactionId, payerTotal, paidAt } = transactions[0] ?? transaction
  return { transactions, platform, platformState, transactionId, payerTotal, paidAt }
}

/** A payer has one attempt under a number; an earlier version wrote an event for each of its renewals. */
function withAttempt(order: Order, attempt: PaymentAttempt): Partial<Order> {
  const isRenewed = (known: PaymentAttempt): boolean => known.platformTradeNo === attempt.platformTradeNo
  const others = order.attempts.filter((known) => !isRenewed(known))
  // What a later version has noted about the attempt stays.
  const renewed = { ...order.attempts.find(isRenewed), ...attempt }
  const attempts = [...others, renewed].sort(
    (a, b) =>
      a.createdAt.getTime() - b.createdAt.getTime() || (a.platformTradeNo < b.platformTradeNo ? -1 : 1),
  )
  const paidThrough = order.transactions[0]?.platform
  return { attempts, platform: paidThrough ?? attempts[0]?.platform ?? attempt.platform }
}

function change(order: Order, event: OrderEvent): Partial<Order> {
  switch (event.type) {
    case 'order.created':
      throw new Error(`Order ${order.id} cannot be created a second time (event ${event.seq}).`)
    case 'order.payment_started':
      return {
        ...withAttempt(order, event.attempt),
        status: order.status === 'CREATED' ? 'PENDING' : order.status,
      }
    case 'order.paid':
      return {
        ...withTransaction(order, event.transaction),
        status: 'PAID',
        closeReason: null,
        closedAt: null,
        closing: null,
      }
    case 'order.closed':
      return { status: 'CLOSED', closeReason: event.reason, closedAt: event.occurredAt, closing: null }
    case 'anomaly.detected':
      return {
        ...(event.transaction !== null && withTransaction(order, event.transaction)),
        anomalies: [...order.anomalies, event.anomaly].sort((a, b) => (a.id < b.id ? -1 : 1)),
      }
    case 'anomaly.resolved':
      return {
        anomalies: order.anomalies.map((known) =>
          known.id === event.anomalyId
            ? { ...known, resolvedAt: event.occurredAt, resolution: event.resolution }
            : known,
        ),
      }
  }
}

/**
 * What an event makes of an order, but for the list of its events. Pure; the event's `seq` must be the next one.
 * Copying that list at each step would take a square of its length to go through a history.
 */
export function evolveState(order: Order, event: OrderEvent): Order {
  if (event.seq !== order.seq + 1) {
    throw new Error(`Order ${order.id} has seq ${order.seq}: event ${event.seq} does not follow it.`)
  }
  return {
    ...order,
    ...change(order, event),
    seq: event.seq,
    updatedAt: event.recordedAt,
    ...storedWith(event),
  }
}

/** The order after one more event. Pure; the event's `seq` must be the next one. */
export function evolve(order: Order, event: OrderEvent): Order {
  return { ...evolveState(order, event), events: [...order.events, event] }
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
  return { ...rest.reduce(evolveState, born(first)), events }
}
