import type { PayablePayment, WechatpayPageParameters } from '../platform.ts'
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
  { appId, prepayId }: PayablePayment,
  { account, now, randomNonce }: PageParametersDeps,
): WechatpayPageParameters {
  const page = {
    appId,
    timeStamp: String(Math.floor(now().getTime() / 1000)),
    nonceStr: randomNonce(),
    package: `prepay_id=${prepayId}`,
  }
  return { ...page, signType: 'RSA', paySign: signMessage(pageMessage(page), account.privateKey) }
}
