import type { AnomalyKind } from '../../../src/domain/anomaly.ts'

/** Who may pay; each has an openid of this name. */
export type Payer = 'o-anna' | 'o-bert'

/** A payment that somebody made at the platform. */
export interface ModelPayment {
  readonly tradeNo: string
  readonly transactionId: string
  readonly notificationId: string
  /** Its notification, with the right amount, was answered with a 2XX, and the platform will not send it again by itself. */
  isAcknowledged: boolean
}

/** What is known of an order, in the simplest words. */
export interface ModelOrder {
  readonly outTradeNo: string
  readonly total: number
  readonly expiresAt: Date
  id: string
  /** The payers' numbers at the platform, in the order in which a gateway goes through them. */
  attempts: readonly { readonly payer: string; readonly tradeNo: string }[]
  readonly payments: ModelPayment[]
  /** Ids of the transactions that the gateway has heard of and believed. */
  heard: ReadonlySet<string>
  /** Ids of the transactions that were reported with a wrong amount. */
  readonly mismatched: Set<string>
  /** The gateway once called it closed. */
  isClosed: boolean
  /** It has been found paid, and no round has yet closed what else could be paid of it. */
  isRestDue: boolean
  /** A gateway died over it, so that its facts may be anywhere between two steps. */
  isShaken: boolean
  /** A death may have left the order's own number with a payer whose payment was never recorded; others get another. */
  mayMissNumber: boolean
}

/** Everything that the gateway is compared with. */
export interface Model {
  /** Oldest first. */
  readonly orders: ModelOrder[]
  /** Notes that something happened, for the figures of a long run. */
  readonly note: (what: string) => void
}

/** PAID outranks CLOSED, and that everything else. */
export function statusOf({ heard, isClosed, attempts }: ModelOrder): string {
  if (heard.size > 0) return 'PAID'
  if (isClosed) return 'CLOSED'
  return attempts.length > 0 ? 'PENDING' : 'CREATED'
}

/** Tells whether a payment can be started. */
export function isOpen(order: ModelOrder, now: Date): boolean {
  return order.heard.size === 0 && !order.isClosed && order.expiresAt > now
}

/** What a person has to look at, sorted. */
export function anomaliesOf({ heard, isClosed, mismatched }: ModelOrder): readonly AnomalyKind[] {
  return [
    ...Array.from(mismatched, () => 'AMOUNT_MISMATCH' as const),
    ...Array.from({ length: Math.max(0, heard.size - 1) }, () => 'DUPLICATE_PAYMENT' as const),
    ...(isClosed && heard.size > 0 ? ['PAID_AFTER_CLOSE' as const] : []),
  ]
}

/** The gateway hears of a payment, whichever way. */
export function hear(order: ModelOrder, payment: ModelPayment): void {
  if (order.heard.size === 0) order.isRestDue = true
  order.heard = new Set([...order.heard, payment.transactionId])
}

/** Under which numbers the platform may know the order: its own when no payment was recorded. */
export function numbersOf({ attempts, outTradeNo }: ModelOrder): readonly string[] {
  return attempts.length > 0 ? attempts.map(({ tradeNo }) => tradeNo) : [outTradeNo]
}
