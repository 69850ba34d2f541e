import type { EventSource, PaidFact } from '../../domain/payment-fact.ts'
import type { WechatpayAccount } from './account.ts'
import { quoted, Refusal } from './refusal.ts'
import type { PaidTransaction } from './resource.ts'
import { firstFlaw, paidTransaction } from './resource.ts'

type Payee = Pick<WechatpayAccount, 'mchId' | 'appIds'>

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

function payeeMismatch({ mchid, appid }: PaidTransaction, payee: Payee): string | null {
  if (mchid !== payee.mchId) {
    return `The money went to merchant ${quoted(mchid)}; this account is merchant ${payee.mchId}.`
  }
  if (payee.appIds.includes(appid)) return null
  return `The payment was made in app ${quoted(appid)}, which is not among this account's apps.`
}

/**
 * The fact that a decrypted resource reports, or null when it reports something else than a successful payment.
 * @throws {Refusal} MALFORMED when it has a payment's fields and they are not as documented
 */
export function paidFactOf(resource: unknown, payee: Payee, source: EventSource): PaidFact | null {
  if (!isTransaction(resource) || isUnpaid(resource)) return null
  const parsed = paidTransaction.safeParse(resource)
  if (!parsed.success) {
    throw new Refusal('MALFORMED', `The decrypted payment is not as documented: ${firstFlaw(parsed.error)}.`)
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
    payeeMismatch: payeeMismatch(paid, payee),
    occurredAt: paid.success_time,
  }
}
