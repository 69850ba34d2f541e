import { PaymentError } from '../../domain/errors.ts'
import type { Prepaid, PrepayRequest } from '../platform.ts'
import type { WechatpayAccount } from './account.ts'
import type { WechatpayClient } from './client.ts'
import { parseJson } from './json.ts'
import { firstFlaw, prepayAnswer } from './resource.ts'

const PATH = '/v3/pay/transactions/jsapi'

/** The platform lets a `prepay_id` live for two hours; a page that starts in the last five minutes gets a new one. */
const USABLE_MS = (120 - 5) * 60 * 1000

const CHINA_OFFSET_MS = 8 * 60 * 60 * 1000

/** RFC 3339 in China's time, in whole seconds: `2026-01-01T00:00:00+08:00`. */
function chinaTime(moment: Date): string {
  return `${new Date(moment.getTime() + CHINA_OFFSET_MS).toISOString().slice(0, 19)}+08:00`
}

/** The same request gives the same bytes: that is what makes calling twice safe. */
function prepayBody(account: Pick<WechatpayAccount, 'mchId' | 'notifyUrl'>, request: PrepayRequest): string {
  return JSON.stringify({
    appid: request.appId,
    mchid: account.mchId,
    description: request.description,
    out_trade_no: request.platformTradeNo,
    time_expire: chinaTime(request.expiresAt),
    notify_url: account.notifyUrl,
    amount: { total: request.amount.total, currency: request.amount.currency },
    payer: { openid: request.payerId },
  })
}

function readPrepayId(answer: Buffer, tradeNo: string): string {
  const parsed = prepayAnswer.safeParse(parseJson(answer))
  if (parsed.success) return parsed.data.prepay_id
  const sentence = `WeChat Pay's answer to the prepay call for ${tradeNo} is not as documented: ${firstFlaw(parsed.error)}.`
  throw new PaymentError('PLATFORM_UNAVAILABLE', sentence, { cause: parsed.error })
}

/** What prepaying needs. */
export interface PrepayDeps {
  readonly account: Pick<WechatpayAccount, 'mchId' | 'notifyUrl'>
  readonly client: WechatpayClient
  readonly now: () => Date
}

/**
 * Opens a payment in an official account or a mini program.
 * @throws {PaymentError} PLATFORM_REFUSED, PLATFORM_UNAVAILABLE
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4012791856
 */
export async function prepay(request: PrepayRequest, { account, client, now }: PrepayDeps): Promise<Prepaid> {
  const prepayExpiresAt = new Date(now().getTime() + USABLE_MS)
  const tradeNo = request.platformTradeNo
  const answer = await client.call({
    method: 'POST',
    path: PATH,
    body: prepayBody(account, request),
    tradeNo,
  })
  return { prepayId: readPrepayId(answer, tradeNo), prepayExpiresAt }
}
