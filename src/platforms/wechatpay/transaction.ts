import type { EventSource, PaidFact } from '../../domain/payment-fact.ts'
import { CONTENT, flawSentence } from './explain/sentences.ts'
import type { Payee } from './payee.ts'
import { payeeMismatch } from './payee.ts'
import { MALFORMED_CONTENT, plainRefusal } from './refusal.ts'
import { firstFlaw, flawedField, paidTransaction } from './resource.ts'

/** Fields of neighbours that carry `out_trade_no` too: combined payments and refunds. */
const OTHER_SHAPES = /^(combine_.*|sub_orders|out_refund_no|refund_.*)$/

/**
 * Tells a payment by its shape. The event type alone does not: combined payments, and in the field even profit
 * sharing, arrive as `TRANSACTION.SUCCESS` too.
 */
function isTransaction(resource: unknown): resource is { readonly trade_state: unknown } {
  if (typeof resource !== 'object' || resource === null) return false
  if (!('out_trade_no' in resource) || !('trade_state' in resource)) return false
  return !Object.keys(resource).some((name) => OTHER_SHAPES.test(name))
}

function isUnpaid({ trade_state }: { readonly trade_state: unknown }): boolean {
  return typeof trade_state === 'string' && trade_state !== 'SUCCESS'
}

/**
 * The fact that a paid transaction is: one whose state is SUCCESS or, once something of it was refunded, REFUND.
 * @throws {Refusal} MALFORMED when its fields are not as documented
 */
export function paidFactOfTransaction(transaction: unknown, payee: Payee, source: EventSource): PaidFact {
  const parsed = paidTransaction.safeParse(transaction)
  if (!parsed.success) {
    const sentence = `The decrypted payment is not as documented: ${firstFlaw(parsed.error)}.`
    const explanation = CONTENT.contentUndocumented(flawSentence(flawedField(parsed.error)))
    throw plainRefusal(MALFORMED_CONTENT, sentence, explanation)
  }
  const paid = parsed.data
  return {
    kind: 'paid',
    source,
    cause: null,
    platform: 'WECHATPAY',
    platformTradeNo: paid.out_trade_no,
    transactionId: paid.transaction_id,
    platformState: paid.trade_state,
    total: paid.amount.total,
    payerTotal: paid.amount.payer_total,
    currency: paid.amount.currency,
    payerId: paid.payer?.openid ?? null,
    payeeMismatch: payeeMismatch(paid, payee),
    occurredAt: paid.success_time,
  }
}

/**
 * The fact that a notification's resource reports, or null when it reports something else than a successful payment.
 * @throws {Refusal} MALFORMED when it has a payment's fields and they are not as documented
 */
export function notifiedFact(resource: unknown, payee: Payee): PaidFact | null {
  if (!isTransaction(resource) || isUnpaid(resource)) return null
  return paidFactOfTransaction(resource, payee, 'NOTIFY')
}
