import type { Anomaly } from './anomaly.ts'
import type { Fen, Money } from './money.ts'
import type { CloseReason, EventSource, PaymentAttempt, Platform } from './payment-fact.ts'
import type { TradeNumber } from './trade-number.ts'

/** CREATED: no payment started. PENDING: a payment can be made. PAID: money arrived. CLOSED: ended unpaid. */
export type OrderStatus = 'CREATED' | 'PENDING' | 'PAID' | 'CLOSED'

/** Refunds as seen from the order; orthogonal to its status. */
export type RefundState = 'NONE' | 'PENDING' | 'PARTIAL' | 'FULL'

/** What the merchant asked for when creating an order. */
export interface OrderRequest {
  /** The merchant's own number, 6 to 32 characters of `0-9 A-Z a-z _ - | *`. */
  readonly outTradeNo: string
  readonly description: string
  readonly amount: Money
  readonly expiresAt: Date
  /** The merchant's own JSON, as text: its key order and odd keys survive any database. */
  readonly metadata: string | null
}

interface OrderCreated {
  readonly type: 'order.created'
  readonly orderId: string
  readonly merchantId: string
  readonly request: OrderRequest
}

interface PaymentStarted {
  readonly type: 'order.payment_started'
  readonly attempt: PaymentAttempt
}

/** Money that arrived for an order and was believed. */
export interface Transaction {
  readonly platform: Platform
  readonly platformTradeNo: string
  readonly transactionId: string
  /** The platform's raw state, e.g. `SUCCESS`. */
  readonly platformState: string
  /** What the payer really paid, in fen. */
  readonly payerTotal: Fen | null
  /** As in `PaidFact`. Absent in what an earlier version stored. */
  readonly payerId?: string | null
  /** When the money moved, by the platform's clock. */
  readonly paidAt: Date
}

interface OrderPaid {
  readonly type: 'order.paid'
  readonly transaction: Transaction
}

interface OrderClosed {
  readonly type: 'order.closed'
  readonly reason: CloseReason
}

interface AnomalyDetected {
  readonly type: 'anomaly.detected'
  readonly anomaly: Anomaly
  /** The money that it is about, when that money is believed (a further payment). */
  readonly transaction: Transaction | null
}

interface AnomalyResolved {
  readonly type: 'anomaly.resolved'
  readonly anomalyId: string
  readonly resolution: string
}

/** What an event says, without its place in the order's history. */
export type OrderChange =
  | OrderCreated
  | PaymentStarted
  | OrderPaid
  | OrderClosed
  | AnomalyDetected
  | AnomalyResolved

/** One recorded change of one order. `seq` counts 1, 2, 3 … within the order, without gaps. */
export type OrderEvent = OrderChange & {
  readonly seq: number
  readonly source: EventSource
  /** When it happened, by the platform's clock where it says. */
  readonly occurredAt: Date
  /** When this gateway wrote it down, by the clock of the process. */
  readonly recordedAt: Date
  /**
   * The same by the clock that all processes share (`DatabaseClock`), for comparing with one another. Absent until it is
   * stored, and in what a version before this field stored.
   */
  readonly storedAt?: Date
  /** The stored notification that reported it; null when it came through another door. */
  readonly cause: string | null
}

/** The wish to close an order. It is stored first, so that it is carried out whatever happens in between. */
export interface Closing {
  readonly reason: CloseReason
  /** Who wants it. */
  readonly source: EventSource
  readonly requestedAt: Date
}

/** An order: the fold of its events, kept beside them; and what is under way between it and the platforms. */
export interface Order {
  readonly id: string
  readonly merchantId: string
  readonly outTradeNo: string
  readonly description: string
  readonly amount: Money
  readonly status: OrderStatus
  readonly closeReason: CloseReason | null
  readonly platform: Platform | null
  readonly platformState: string | null
  readonly transactionId: string | null
  readonly payerTotal: Fen | null
  readonly refundState: RefundState
  readonly amountRefunded: number
  /** Oldest first. */
  readonly attempts: readonly PaymentAttempt[]
  /** All money that arrived, the earliest by the platform's clock first: that one paid the order. */
  readonly transactions: readonly Transaction[]
  readonly anomalies: readonly Anomaly[]
  readonly metadata: string | null
  readonly seq: number
  readonly events: readonly OrderEvent[]
  readonly createdAt: Date
  readonly updatedAt: Date
  /** The `storedAt` of its newest event. */
  readonly storedAt?: Date
  readonly expiresAt: Date
  readonly paidAt: Date | null
  readonly closedAt: Date | null
  /** Every number that was sent to a platform, or found in use there; oldest first. Not a part of its history. */
  readonly numbers: readonly TradeNumber[]
  /** Set from the wish to close it until it has ended. Not a part of its history. */
  readonly closing: Closing | null
  /** Another one after every write. Absent until it is stored, and in what an earlier version stored. */
  readonly rev?: string
}

/** Tells whether a payment of this order can be started or resumed at the given moment. */
export function isPayable(order: Order, now: Date): boolean {
  return !hasEnded(order) && order.closing === null && order.expiresAt > now
}

/** The attempt that a page which only holds the order's token would go on with: the newest one. */
export function standingAttempt(order: Order): PaymentAttempt | undefined {
  return order.attempts.at(-1)
}

/** Tells whether an order is paid, or has ended unpaid. */
export function hasEnded({ status }: Order): boolean {
  return status === 'PAID' || status === 'CLOSED'
}

/**
 * Tells whether money was reported for an order that may well be meant for it, and is not believed. Until a person has resolved
 * that, the order cannot be said to have ended unpaid. Money that is older than the order is another sale's.
 */
export function isUnderReview(order: Order): boolean {
  return order.anomalies.some(({ kind, resolvedAt, payment }) => {
    const isDoubt = kind === 'AMOUNT_MISMATCH' || kind === 'MERCHANT_MISMATCH'
    const isOlder = payment !== undefined && payment !== null && isBefore(order, payment.paidAt)
    return isDoubt && resolvedAt === null && !isOlder
  })
}

/** The anomalies that the events after `seq` brought, as they were then. */
export function anomaliesAfter({ events }: Order, seq: number): readonly Anomaly[] {
  return events.flatMap((event) =>
    event.seq > seq && event.type === 'anomaly.detected' ? [event.anomaly] : [],
  )
}

/** How far the clocks of the platform and of this gateway may lie apart, in milliseconds. */
const CLOCK_SKEW_MS = 5 * 60 * 1000

/** Tells whether a moment by the platform's clock lies before the creation of an order. */
export function isBefore({ createdAt }: Pick<Order, 'createdAt'>, moment: Date): boolean {
  return moment.getTime() < createdAt.getTime() - CLOCK_SKEW_MS
}

/** When an order ended, by the clock of the process that wrote it down; undefined while it has not. */
export function endOf({ events }: Order): Date | undefined {
  const end = events.findLast(({ type }) => type === 'order.paid' || type === 'order.closed')
  return end?.recordedAt
}
