import { PaymentError } from '../../domain/errors.ts'
import type { ClosingResult } from '../platform.ts'
import type { WechatpayAccount } from './account.ts'
import type { WechatpayClient } from './client.ts'
import { isFrequencyCode } from './error-codes.ts'
import { meaningOf, tradePath } from './trade.ts'

/** What closing needs. */
export interface CloseDeps {
  readonly account: Pick<WechatpayAccount, 'mchId'>
  readonly client: WechatpayClient
}

/**
 * Closes a payment that is not paid; closing what is closed is fine.
 * @throws {PaymentError} PLATFORM_REFUSED, PLATFORM_UNAVAILABLE
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4012791860
 */
export async function close(tradeNo: string, { account, client }: CloseDeps): Promise<ClosingResult> {
  const result = await client.ask({
    method: 'POST',
    path: `${tradePath(tradeNo)}/close`,
    body: JSON.stringify({ mchid: account.mchId }),
    tradeNo,
    mayMeetPayer: true,
  })
  if (result.kind !== 'answered') {
    // The account is limited: the next call would not be sent, so that it is not known here whether the payer is paying.
    if (result.error.reason === 'rate-limited' && !isFrequencyCode(result.error.platformCode))
      throw result.error
    const meaning = meaningOf(result.error)
    if (meaning === undefined) throw result.error
    return meaning
  }
  if (result.status === 204) return 'closed'
  const sentence = `WeChat Pay answered the close call for ${tradeNo} with HTTP ${result.status}; 204 is documented.`
  throw new PaymentError('PLATFORM_UNAVAILABLE', sentence)
}
