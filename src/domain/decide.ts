import type { AnomalyKind } from './anomaly.ts'
import { isEarlier } from './evolve.ts'
import type { Order, OrderChange, OrderEvent, OrderRequest, Transaction } from './order.ts'
import type {
  AnomalyResolvedFact,
  ClosedFact,
  Fact,
  PaidFact,
  PaymentAttempt,
  PaymentStartedFact,
} from './payment-fact.ts'

interface Finding {
  readonly kind: AnomalyKind
  /** What it is about; the same thing is found once. */
  readonly about: string
  readonly detail: string
  readonly transaction?: Transaction
}

/** An anomaly, unless it is known. Its text depends on nothing but what it is about, so it is the same in any order. */
function raise(
  order: Order,
  { kind, about, detail, transaction }: Finding,
  now: Date,
): readonly OrderChange[] {
  const id = `${kind}:${about}`
  if (order.anomalies.some((known) => known.id === id)) return []
  const anomaly = { id, kind, detail, detectedAt: now, resolvedAt: null, resolution: null }
  return [{ type: 'anomaly.detected', anomaly, transaction: transaction ?? null }]
}

/** What keeps a report of money from being believed, or undefined. Nothing here may ever mark an order paid. */
function doubtAbout(order: Order, fact: PaidFact): Finding | undefined {
  const about = fact.transactionId
  if (fact.payeeMismatch !== null) return { kind: 'MERCHANT_MISMATCH', about, detail: fact.payeeMismatch }
  const { total, currency } = order.amount
  if (fact.total === total && fact.currency === currency) return undefined
  const detail = `The platform reports a total of ${fact.total} ${fact.currency} (minor units); this order is for ${total} ${currency}.`
  return { kind: 'AMOUNT_MISMATCH', about, detail }
}

/** Closed and paid contradict each other whichever was heard of first. The order is PAID, and a person has to look. */
function paidAfterClose(order: Order): Finding {
  return {
    kind: 'PAID_AFTER_CLOSE',
    about: order.id,
    detail: 'Money arrived for this order, which had been closed.',
  }
}

/** Which of two payments is the further one is a matter of the platform's clock, not of who was heard of first. */
function furtherPayment(first: Transaction, added: Transaction): Finding {
  const further = isEarlier(added, first) ? first : added
  return {
    kind: 'DUPLICATE_PAYMENT',
    about: further.transactionId,
    detail: `Transaction ${further.transactionId} is a further payment of this order.`,
    transaction: added,
  }
}

function onPaid(order: Order, fact: PaidFact, now: Date): readonly OrderChange[] {
  const doubt = doubtAbout(order, fact)
  if (doubt !== undefined) return raise(order, doubt, now)
  if (order.transactions.some((known) => known.transactionId === fact.transactionId)) return []
  const { platform, platformTradeNo, transactionId, platformState, payerTotal, occurredAt: paidAt } = fact
  const transaction = { platform, platformTradeNo, transactionId, platformState, payerTotal, paidAt }
  const [first] = order.transactions
  if (first !== undefined) return raise(order, furtherPayment(first, transaction), now)
  const wasClosed = order.status === 'CLOSED'
  return [{ type: 'order.paid', transaction }, ...(wasClosed ? raise(order, paidAfterClose(order), now) : [])]
}

/** Of two handles of one number the one that works longer counts; the handle decides between equals, not who came first. */
function isOutdone(attempt: PaymentAttempt, known: PaymentAttempt): boolean {
  const difference = known.prepayExpiresAt.getTime() - attempt.prepayExpiresAt.getTime()
  return difference > 0 || (difference === 0 && known.prepayId >= attempt.prepayId)
}

/** A payment that was started is one that somebody might make, whatever became of the order in the meantime. */
function onPaymentStarted(order: Order, { attempt }: PaymentStartedFact): readonly OrderChange[] {
  const isKnown = order.attempts.some(
    (known) => known.platformTradeNo === attempt.platformTradeNo && isOutdone(attempt, known),
  )
  return isKnown ? [] : [{ type: 'order.payment_started', attempt }]
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
