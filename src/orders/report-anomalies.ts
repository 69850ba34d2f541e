import type { AnomalyKind } from '../domain/anomaly.ts'
import type { Order } from '../domain/order.ts'
import type { Log } from '../operations/log.ts'

const REFUND_IT = 'refund the transaction in the console of the platform, then call resolveAnomaly'

/** What a person is to do about each kind. */
const WHAT_TO_DO: Readonly<Record<AnomalyKind, string>> = {
  PAID_AFTER_CLOSE: 'deliver, or refund the order; then call resolveAnomaly',
  DUPLICATE_PAYMENT: REFUND_IT,
  AMOUNT_MISMATCH: `the order is not paid by it: find out which sale it belongs to, or ${REFUND_IT}`,
  MERCHANT_MISMATCH:
    "the order is not paid by it: check mchId and appIds in the configuration; if they are right, the payment is not this merchant's",
  PAID_BEFORE_ORDER: `the order is not paid by it: its number was used before; find out which sale the payment belongs to, or ${REFUND_IT}`,
  TRANSACTION_REUSED:
    'the order is not paid by it: find out why the platform names one transaction for two orders, then call resolveAnomaly',
  REFUND_ABNORMAL: 'the platform could not pay the refund out: retry it to another account',
  REFUND_UNEXPECTED: 'a refund was made outside this gateway: check who made it, then call resolveAnomaly',
}

/** Writes an `error` line for each anomaly that the events after `seq` brought: somebody has to look at that money. */
export function reportAnomalies(log: Log, order: Order, seq: number): void {
  const { id: orderId, merchantId, outTradeNo } = order
  for (const event of order.events.slice(seq)) {
    if (event.type !== 'anomaly.detected') continue
    const { id: anomalyId, kind, detail, payment } = event.anomaly
    const { transactionId, total, currency } = payment ?? {}
    const fields = { merchantId, outTradeNo, orderId, anomalyId, kind, transactionId, total, currency }
    log.error(fields, `An anomaly of order ${outTradeNo}: ${detail} What to do: ${WHAT_TO_DO[kind]}.`)
  }
}
