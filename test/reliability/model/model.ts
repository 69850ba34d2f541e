import type { AnomalyKind } from '../../../src/domain/anomaly.ts'

/** Who may pay; each has an openid of this name. */
export type Payer = 'o-anna' | 'o-bert'

/** A payment that was made at the platform. */
export interface ModelPayment {
  readonly tradeNo: string
  readonly transactionId: string
  /** Undefined when another system of the merchant is notified. */
  readonly notificationId: string | undefined
  /** What the platform says that the payment was for, in fen. */
  readonly total: number
  readonly paidAt: Date
  /** The platform was answered with a 2XX, and will not send it again by itself. */
  isAcknowledged: boolean
  /** Whether the gateway has taken the true notification in; after a death over it that is not known. */
  arrival: 'never' | 'perhaps' | 'settled'
  /** Ids of the anomalies of false reports, which came under the same id: each is kept beside the true one. */
  readonly falseReports: Set<string>
}

/** A payment of which the platform notifies the gateway. */
export type NotifiedPayment = ModelPayment & { readonly notificationId: string }

/** A number that the gateway has stored for a payment. */
export interface ModelNumber {
  readonly tradeNo: string
  readonly payer: string | null
  /** The gateway knows that it cannot be paid any more. */
  readonly isEnded: boolean
  /** Until when a page can go on with what was handed out; null when the platform must be called again. */
  readonly resumableUntil: Date | null
}

/** What is known of an order, in the simplest words. */
export interface ModelOrder {
  readonly outTradeNo: string
  readonly total: number
  readonly createdAt: Date
  readonly expiresAt: Date
  id: string
  /** The payments that were handed out, in the order in which the gateway keeps them. */
  attempts: readonly { readonly payer: string; readonly tradeNo: string }[]
  /** Every number that was stored for it. */
  numbers: readonly ModelNumber[]
  readonly payments: ModelPayment[]
  /** Ids of the transactions that were reported to the gateway and believed. */
  heard: ReadonlySet<string>
  /** Ids of the anomalies of payments that were reported and not believed. */
  readonly doubts: Set<string>
  /** Those of them that were resolved. */
  readonly resolved: Set<string>
  /** The gateway once called it closed. */
  isClosed: boolean
  /** The wish to close it is recorded, and not carried out. */
  isClosing: boolean
  /** A round found it paid: what else could be paid of it is queried in the same round, or in the next one. */
  isPaidInRound: boolean
  /** A gateway died over it, so that its facts may be anywhere between two steps. */
  isShaken: boolean
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

/** Tells whether an order is paid, or has ended unpaid. */
export function hasEnded({ heard, isClosed }: ModelOrder): boolean {
  return heard.size > 0 || isClosed
}

/** Tells whether a payment can be started. */
export function isOpen(order: ModelOrder, now: Date): boolean {
  return !hasEnded(order) && !order.isClosing && order.expiresAt > now
}

/** The id that the anomaly of a payment has. */
export function anomalyId(kind: AnomalyKind, transactionId: string): string {
  return `${kind}:${transactionId}`
}

/** What an operator has to look at, sorted. */
export function anomaliesOf({ heard, isClosed, doubts }: ModelOrder): readonly string[] {
  return [
    ...[...doubts].map((id) => id.slice(0, id.indexOf(':'))),
    ...Array.from({ length: Math.max(0, heard.size - 1) }, () => 'DUPLICATE_PAYMENT'),
    ...(isClosed && heard.size > 0 ? ['PAID_AFTER_CLOSE'] : []),
  ].sort()
}

const CLOCK_SKEW_MS = 300_000

function isBefore({ createdAt }: ModelOrder, { paidAt }: Pick<ModelPayment, 'paidAt'>): boolean {
  return paidAt.getTime() < createdAt.getTime() - CLOCK_SKEW_MS
}

/** Why a payment must not be believed, as the platform reports it; undefined when it must be. */
export function doubtOf(
  order: ModelOrder,
  payment: Pick<ModelPayment, 'total' | 'paidAt'>,
): AnomalyKind | undefined {
  if (payment.total !== order.total) return 'AMOUNT_MISMATCH'
  return isBefore(order, payment) ? 'PAID_BEFORE_ORDER' : undefined
}

/**
 * Tells whether money was reported with another amount, which must be resolved before the order can end unpaid. Money that is
 * older than the order is not meant for it.
 */
export function isUnderReview(order: ModelOrder): boolean {
  return order.payments.some((payment) => {
    const id = anomalyId('AMOUNT_MISMATCH', payment.transactionId)
    return order.doubts.has(id) && !order.resolved.has(id) && !isBefore(order, payment)
  })
}

/** The gateway learns of a payment as it is, whichever way. */
export function hear(order: ModelOrder, payment: ModelPayment): void {
  const { transactionId } = payment
  const doubt = doubtOf(order, payment)
  if (doubt !== undefined) {
    order.doubts.add(anomalyId(doubt, transactionId))
    return
  }
  order.heard = new Set([...order.heard, transactionId])
  order.isClosing = false
}

function isPaid({ payments, heard }: ModelOrder, tradeNo: string): boolean {
  return payments.some((payment) => payment.tradeNo === tradeNo && heard.has(payment.transactionId))
}

/** The numbers under which no money was believed. */
export function unpaidNumbers(order: ModelOrder): readonly ModelNumber[] {
  return order.numbers.filter(({ tradeNo }) => !isPaid(order, tradeNo))
}

/** The numbers that may be payable at the platform. */
export function openNumbers(order: ModelOrder): readonly ModelNumber[] {
  return unpaidNumbers(order).filter(({ isEnded }) => !isEnded)
}

/**
 * The numbers that the gateway queries: also closed ones, because success can come late; of an order without numbers its own,
 * which another system may have used.
 */
export function queriedNumbers(order: ModelOrder): readonly ModelNumber[] {
  if (order.numbers.length > 0 || hasEnded(order)) return unpaidNumbers(order)
  return [{ tradeNo: order.outTradeNo, payer: null, isEnded: false, resumableUntil: null }]
}

/** Tells whether a payer holds parameters to pay under a number. */
export function isHandedOut({ attempts }: ModelOrder, tradeNo: string): boolean {
  return attempts.some((attempt) => attempt.tradeNo === tradeNo)
}

/** Tells whether the gateway is notified of a payment. */
export function isNotified(payment: ModelPayment): payment is NotifiedPayment {
  return payment.notificationId !== undefined
}
