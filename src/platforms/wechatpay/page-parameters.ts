import type { PaymentAttempt } from '../../domain/payment-fact.ts'
import type { WechatpayPageParameters } from '../platform.ts'
import type { WechatpayAccount } from './account.ts'
import { pageMessage } from './canonical.ts'
import { signMessage } from './sign.ts'

/** What signing a page's parameters needs. */
export interface PageParametersDeps {
  readonly account: Pick<WechatpayAccount, 'privateKey'>
  readonly now: () => Date
  readonly randomNonce: () => string
}

/** Parameters for the bridge of the payer's page, signed for this moment with the merchant's key. */
export function signPageParameters(
  attempt: Pick<PaymentAttempt, 'appId' | 'prepayId'>,
  { account, now, randomNonce }: PageParametersDeps,
): WechatpayPageParameters {
  const page = {
    appId: attempt.appId,
    timeStamp: String(Math.floor(now().getTime() / 1000)),
    nonceStr: randomNonce(),
    package: `prepay_id=${attempt.prepayId}`,
  }
  return { ...page, signType: 'RSA', paySign: signMessage(pageMessage(page), account.privateKey) }
}
