import { PaymentError } from '../../domain/errors.ts'
import type { PlatformReport } from '../platform.ts'
import type { WechatpayAccount } from './account.ts'
import type { WechatpayClient } from './client.ts'
import { parseJson } from './json.ts'
import { merchantMismatch } from './payee.ts'
import { Unreadable } from './refusal.ts'
import { firstFlaw, tradeAnswer } from './resource.ts'
import { meaningOfState } from './trade-state.ts'
import { meaningOf, tradePath } from './trade.ts'
import { paidFactOfTransaction } from './transaction.ts'

/** What querying needs. */
export interface QueryDeps {
  readonly account: Pick<WechatpayAccount, 'mchId' | 'appIds'>
  readonly client: WechatpayClient
}

function unusable(tradeNo: string, flaw: string, cause?: unknown): PaymentError {
  const sentence = `WeChat Pay's answer to the query for ${tradeNo} cannot be used: ${flaw}.`
  return new PaymentError('PLATFORM_UNAVAILABLE', sentence, { cause })
}

/** The answer, once it is sure that it is about the payment that was asked for. */
function readTrade(body: Buffer, tradeNo: string) {
  const answer = parseJson(body)
  const parsed = tradeAnswer.safeParse(answer)
  if (!parsed.success) throw unusable(tradeNo, firstFlaw(parsed.error), parsed.error)
  const { out_trade_no, trade_state } = parsed.data
  if (out_trade_no !== tradeNo) throw unusable(tradeNo, 'it is about another payment')
  return { answer, platformState: trade_state, payee: parsed.data }
}

function reportOf(body: Buffer, tradeNo: string, { account }: QueryDeps): PlatformReport {
  const { answer, platformState, payee } = readTrade(body, tradeNo)
  const meaning = meaningOfState(platformState)
  if (meaning === 'paid') {
    return { kind: 'paid', fact: paidFactOfTransaction(answer, account, 'QUERY') }
  }
  // Nothing is paid, so there is no fact that could carry the mismatch. Another app is not one: the merchant may use the number
  // with an app that is not configured here, and then it is in use all the same.
  if (merchantMismatch(payee, account) !== null) throw unusable(tradeNo, "it is another merchant's")
  return { kind: meaning, platformState }
}

/**
 * Asks the platform what became of a payment.
 * @throws {PaymentError} PLATFORM_REFUSED, PLATFORM_UNAVAILABLE
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4012791859
 */
export async function query(tradeNo: string, deps: QueryDeps): Promise<PlatformReport> {
  const { account, client } = deps
  const path = `${tradePath(tradeNo)}?mchid=${encodeURIComponent(account.mchId)}`
  const result = await client.ask({ method: 'GET', path, tradeNo })
  if (result.kind !== 'answered') {
    if (meaningOf(result.error) === 'absent') return { kind: 'absent' }
    throw result.error
  }
  try {
    return reportOf(result.body, tradeNo, deps)
  } catch (error) {
    if (error instanceof Unreadable) throw unusable(tradeNo, 'its payment is not as documented', error)
    throw error
  }
}
