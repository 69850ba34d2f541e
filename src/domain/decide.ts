import type { AnomalyKind, ReportedPayment } from './anomaly.ts'
import { isEarlier } from './evolve.ts'
import {
  isBefore,
  type Order,
  type OrderChange,
  type OrderEvent,
  type OrderRequest,
  type Transaction,
} from './order.ts'
import type { AnomalyResolvedFact, ClosedFact, Fact, PaidFact, PaymentStartedFact } from './payment-fact.ts'
import { isHandedOut } from './trade-number.ts'

/** Money that is not believed adds an anomaly with each transaction: so many are kept in the order, and no more. */
const MAX_ANOMALIES = 100

/** Tells whether an order takes no further report of money that is not believed. */
function isFull({ anomalies }: Order): boolean {
  return anomalies.length >= MAX_ANOMALIES
}

interface Finding {
  readonly kind: AnomalyKind
  /** What it is about; the same thing is found once. */
  readonly about: string
  readonly detail: string
  /** Null when it is about the order. */
  readonly payment: ReportedPayment | null
  /** The money that it brings, when that is believed. */
  readonly transaction?: Transaction
}

function anomalyId(kind: AnomalyKind, about: string): string {
  return `${kind}:${about}`
}

function hasAnomaly({ anomalies }: Order, id: string): boolean {
  return anomalies.some((known) => known.id === id)
}

/** An anomaly, unless it is known. Its text depends on nothing but what it is about, so it is the same in any order. */
function raise(
  order: Order,
  { kind, about, detail, payment, transaction }: Finding,
  now: Date,
): readonly OrderChange[] {
  const id = anomalyId(kind, about)
  if (hasAnomaly(order, id)) return []
  if (payment !== null && transaction === undefined && isFull(order)) return []
  const anomaly = { id, kind, detail, payment, detectedAt: now, resolvedAt: null, resolution: null }
  return [{ type: 'anomaly.detected', anomaly, transaction: transaction ?? null }]
}

function paymentOf(fact: PaidFact): ReportedPayment {
  const { platform, platformTradeNo, transactionId, platformState } = fact
  const { total, currency, payerTotal, payerId, occurredAt: paidAt } = fact
  return {
    platform,
    platformTradeNo,
    transactionId,
    platformState,
    total,
    currency,
    payerTotal,
    payerId,
    paidAt,
  }
}

/** The kind and the sentence of what keeps a report of money from being believed; undefined when nothing does. */
function doubtOf(order: Order, fact: PaidFact): Pick<Finding, 'kind' | 'detail'> | undefined {
  if (fact.payeeMismatch !== null) return { kind: 'MERCHANT_MISMATCH', detail: fact.payeeMismatch }
  const { total, currency } = order.amount
  if (fact.total !== total || fact.currency !== currency) {
    const detail = `The platform reports a total of ${fact.total} ${fact.currency} (minor units); this order is for ${total} ${currency}.`
    return { kind: 'AMOUNT_MISMATCH', detail }
  }
  if (isBefore(order, fact.occurredAt)) {
    const detail = `Transaction ${fact.transactionId} was paid at ${fact.occurredAt.toISOString()}, before this order was created.`
    return { kind: 'PAID_BEFORE_ORDER', detail }
  }
  if (fact.paidOrder === undefined) return undefined
  const detail = `Transaction ${fact.transactionId} has paid order ${fact.paidOrder}.`
  return { kind: 'TRANSACTION_REUSED', detail }
}

/** Nothing here may ever mark an order paid. */
function doubtAbout(order: Order, fact: PaidFact): Finding | undefined {
  const doubt = doubtOf(order, fact)
  return doubt && { ...doubt, about: fact.transactionId, payment: paymentOf(fact) }
}

/** A payment that is not believed, and that its order does not record, because it has as many anomalies as it may have. */
export interface LeftOut {
  /** The kind of the anomaly that it would be. */
  readonly kind: AnomalyKind
  /** One sentence for the operator. */
  readonly detail: string
  readonly payment: ReportedPayment
}

/** What an order leaves out of a fact; undefined when it records it, or has recorded it. */
export function leftOutOf(order: Order, fact: Fact): LeftOut | undefined {
  if (fact.kind !== 'paid' || !isFull(order)) return undefined
  const doubt = doubtOf(order, fact)
  if (doubt === undefined || hasAnomaly(order, anomalyId(doubt.kind, fact.transactionId))) return undefined
  return { ...doubt, payment: paymentOf(fact) }
}

/** Closed and paid contradict each other whichever was heard of first. The order is PAID, and a person has to look. */
function paidAfterClose(order: Order): Finding {
  return {
    kind: 'PAID_AFTER_CLOSE',
    about: order.id,
    detail: 'Money arrived for this order, which had been closed.',
    payment: null,
  }
}

/** Which of two payments is the further one is a matter of the platform's clock, not of who was heard of first. */
function furtherPayment({ amount }: Order, first: Transaction, added: Transaction): Finding {
  const further = isEarlier(added, first) ? first : added
  return {
    kind: 'DUPLICATE_PAYMENT',
    about: further.transactionId,
    detail: `Transaction ${further.transactionId} is a further payment of this order.`,
    payment: { ...further, ...amount, payerId: further.payerId ?? null },
    transaction: added,
  }
}

function onPaid(order: Order, fact: PaidFact, now: Date): readonly OrderChange[] {
  const doubt = doubtAbout(order, fact)
  if (doubt !== undefined) return raise(order, doubt, now)
  if (order.transactions.some((known) => known.transactionId === fact.transactionId)) return []
  const { total: _total, currency: _currency, ...transaction } = paymentOf(fact)
  const [first] = order.transactions
  if (first !== undefined) return raise(order, furtherPayment(order, first, transaction), now)
  const wasClosed = order.status === 'CLOSED'
  return [{ type: 'order.paid', transaction }, ...(wasClosed ? raise(order, paidAfterClose(order), now) : [])]
}

/** A payment that was started is one that somebody might make, whatever became of the order in the meantime. */
function onPaymentStarted(order: Order, { attempt }: PaymentStartedFact): readonly OrderChange[] {
  return isHandedOut(order, attempt) ? [] : [{ type: 'order.payment_started', attempt }]
}

function onClosed(order: Order, fact: ClosedFact, now: Date): readonly OrderChange[] {
  if (order.status === 'PAID') return raise(order, paidAfterClose(order), now)
  const closedAt = order.closedAt?.getTime() ?? Infinity
  const difference = fact.occurredAt.getTime() - closedAt
  const isEarlierClose = difference < 0 || (difference === 0 && fact.reason < (order.closeReason ?? ''))
  return isEarlierClose ? [{ type: 'order.closed', reason: fact.reason }] : []
}

function onResolved(order: Order, { anomalyId, resolution }: AnomalyResolvedFact): readonly OrderChange[] {
  const isOpen = order.anomalies.some(({ id, resolvedAt }) => id === anomalyId && resolvedAt === null)
  return isOpen ? [{ type: 'anomaly.resolved', anomalyId, resolution }] : []
}

function changesOf(order: Order, fact: Fact, now: Date): readonly OrderChange[] {
  switch (fact.kind) {
    case 'payment-started':
      return onPaymentStarted(order, fact)
    case 'paid':
      return onPaid(order, fact, now)
    case 'closed':
      return onClosed(order, fact, now)
    case 'anomaly-resolved':
      return onResolved(order, fact)
  }
}

/**
 * What a fact changes about an order: no event when it says nothing new. The one place where that is decided.
 * Being paid outranks every other state; a report that cannot be believed raises an anomaly instead. Any permutation
 * and any repetition of what platforms and pages report ends in the same state. Pure: `now` becomes the events' `recordedAt`.
 */
export function decide(order: Order, fact: Fact, now: Date): readonly OrderEvent[] {
  return changesOf(order, fact, now).map((change, index) => ({
    ...change,
    seq: order.seq + 1 + index,
    source: fact.source,
    occurredAt: fact.occurredAt,
    recordedAt: now,
    cause: fact.cause,
  }))
}

/** The first event of a new order. */
export function decideCreation(
  identity: { readonly orderId: string; readonly merchantId: string },
  request: OrderRequest,
  now: Date,
): OrderEvent {
  return {
    ...identity,
    type: 'order.created',
    request,
    seq: 1,
    source: 'API',
    occurredAt: now,
    recordedAt: now,
    cause: null,
  }
}
