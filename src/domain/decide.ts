import type { Anomaly, AnomalyKind } from './anomaly.ts'
import type { Order, OrderChange, OrderEvent, OrderRequest } from './order.ts'
import type { ClosedFact, Fact, PaidFact, PaymentStartedFact } from './payment-fact.ts'

function anomaly(kind: AnomalyKind, fact: PaidFact, detail: string): OrderChange {
  const found: Anomaly = {
    id: `${kind}:${fact.transactionId}`,
    kind,
    detail,
    detectedAt: fact.occurredAt,
    resolvedAt: null,
    resolution: null,
  }
  return { type: 'anomaly.detected', anomaly: found }
}

/** What keeps a report of money from being believed, or undefined. Nothing here may ever mark an order paid. */
function disbelief(order: Order, fact: PaidFact): OrderChange | undefined {
  if (fact.payeeMismatch !== null) return anomaly('MERCHANT_MISMATCH', fact, fact.payeeMismatch)
  const { total, currency } = order.amount
  if (fact.total === total && fact.currency === currency) return undefined
  return anomaly(
    'AMOUNT_MISMATCH',
    fact,
    `The platform reports a total of ${fact.total} ${fact.currency} (minor units); this order is for ${total} ${currency}.`,
  )
}

function paid(fact: PaidFact): OrderChange {
  const { platform, platformTradeNo, transactionId, platformState, payerTotal } = fact
  return { type: 'order.paid', platform, platformTradeNo, transactionId, platformState, payerTotal }
}

function onPaid(order: Order, fact: PaidFact): readonly OrderChange[] {
  const doubt = disbelief(order, fact)
  if (doubt !== undefined) return [doubt]
  if (order.status === 'PAID') {
    if (order.transactionId === fact.transactionId) return []
    return [
      anomaly(
        'DUPLICATE_PAYMENT',
        fact,
        `Transaction ${fact.transactionId} paid this order again; ${order.transactionId} had paid it already.`,
      ),
    ]
  }
  if (order.status !== 'CLOSED') return [paid(fact)]
  const late = `Transaction ${fact.transactionId} paid this order after it had been closed (${order.closeReason}).`
  return [paid(fact), anomaly('PAID_AFTER_CLOSE', fact, late)]
}

function onPaymentStarted(order: Order, fact: PaymentStartedFact): readonly OrderChange[] {
  if (order.status === 'PAID' || order.status === 'CLOSED') return []
  const isKnown = order.attempts.some(
    (known) =>
      known.platformTradeNo === fact.attempt.platformTradeNo &&
      known.prepayExpiresAt >= fact.attempt.prepayExpiresAt,
  )
  return isKnown ? [] : [{ type: 'order.payment_started', attempt: fact.attempt }]
}

function onClosed(order: Order, fact: ClosedFact): readonly OrderChange[] {
  if (order.status === 'PAID' || order.status === 'CLOSED') return []
  return [{ type: 'order.closed', reason: fact.reason }]
}

function changesOf(order: Order, fact: Fact): readonly OrderChange[] {
  switch (fact.kind) {
    case 'payment-started':
      return onPaymentStarted(order, fact)
    case 'paid':
      return onPaid(order, fact)
    case 'closed':
      return onClosed(order, fact)
  }
}

function isNews(order: Order, change: OrderChange): boolean {
  if (change.type !== 'anomaly.detected') return true
  return !order.anomalies.some((known) => known.id === change.anomaly.id)
}

/**
 * What a fact changes about an order: no event when it says nothing new. The one place where that is decided.
 * Being paid outranks every other state; a report that cannot be believed raises an anomaly instead.
 * Pure: `now` becomes the events' `recordedAt`.
 */
export function decide(order: Order, fact: Fact, now: Date): readonly OrderEvent[] {
  return changesOf(order, fact)
    .filter((change) => isNews(order, change))
    .map((change, index) => ({
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
