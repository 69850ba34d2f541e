import type { EventSource, PaidFact } from '../../domain/payment-fact.ts'
import { CONTENT, flawSentence } from './explain/sentences.ts'
import type { Payee } from './payee.ts'
import { payeeMismatch } from './payee.ts'
import { Unreadable } from './refusal.ts'
import { firstFlaw, flawedField, paidTransaction } from './resource.ts'

/**
 * The fact that a paid transaction is, see `meaningOfState`.
 * @throws {Unreadable} when its fields are not as documented
 */
export function paidFactOfTransaction(transaction: unknown, payee: Payee, source: EventSource): PaidFact {
  const parsed = paidTransaction.safeParse(transaction)
  if (!parsed.success) {
    const sentence = `The decrypted payment is not as documented: ${firstFlaw(parsed.error)}.`
    const explanation = CONTENT.contentUndocumented(flawSentence(flawedField(parsed.error)))
    throw new Unreadable(sentence, explanation)
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
