import { createHash } from 'node:crypto'
import { z } from 'zod'
import { ApiError, parameterError } from './api-error.ts'
import type { Merchant } from './merchants.ts'
import { int32, parseParameters, text, textOfBytes } from './parameters.ts'

/** A prepay request that passed all checks. */
export type PrepayRequest = {
  readonly mchId: string
  readonly appId: string
  readonly outTradeNo: string
  readonly description: string
  readonly attach: string | undefined
  readonly notifyUrl: string
  /** Fen. */
  readonly total: number
  readonly openid: string
  /** The last moment at which the order can be paid. */
  readonly timeExpire: Date
  /** Equal for two requests exactly when all their parameters are. */
  readonly fingerprint: string
}

const dayMs = 86_400_000
const defaultLifeMs = 7 * dayMs
const longestLifeMs = 90 * dayMs
const shortestLifeMs = 60_000

/** What a merchant may choose as its order number. */
const outTradeNoPattern = /^[0-9A-Za-z_\-|*]{6,32}$/

function isNotifyUrl(url: string): boolean {
  return /^https?:\/\/[^\s?#]+$/.test(url) && URL.canParse(url)
}

const goods = z.strictObject({
  merchant_goods_id: text(32),
  wechatpay_goods_id: text(32).optional(),
  goods_name: text(256).optional(),
  quantity: int32.min(1),
  unit_price: int32.min(0),
})

/** Who must be the one that pays; number and name are encrypted. */
const identity = z.strictObject({ type: text(32), number: z.string().min(1), name: z.string().min(1) })

/** The merchant pays the interest of instalments. */
const subsidy = z.strictObject({
  subsidy_period_type: z.enum(['DAILY', 'PERIOD']),
  subsidy_plan: z.array(
    z.strictObject({ subsidy_installment_num: int32.min(1), subsidy_percent: int32.min(0).max(100) }),
  ),
})

const prepaySchema = z.strictObject({
  appid: text(32),
  mchid: text(32),
  description: textOfBytes(127),
  out_trade_no: z.string().regex(outTradeNoPattern, '6 to 32 of digits, letters and _-|*'),
  time_expire: text(64)
    .pipe(z.iso.datetime({ offset: true, message: 'must be an RFC 3339 time' }))
    .optional(),
  attach: textOfBytes(128).optional(),
  notify_url: text(255).refine(isNotifyUrl, 'must be an absolute URL without a query string'),
  goods_tag: text(32).optional(),
  limit_pay: z.array(z.enum(['no_balance', 'no_credit', 'no_debit', 'balance_only'])).optional(),
  support_fapiao: z.boolean().optional(),
  amount: z.strictObject({
    total: int32.min(1),
    currency: z.literal('CNY', 'the only currency is CNY').default('CNY'),
  }),
  payer: z.strictObject({ openid: text(128), identity: identity.optional() }),
  detail: z
    .strictObject({
      cost_price: int32.optional(),
      invoice_id: text(32).optional(),
      goods_detail: z.array(goods).optional(),
    })
    .optional(),
  scene_info: z
    .strictObject({
      payer_client_ip: text(45),
      device_id: text(32).optional(),
      store_info: z
        .strictObject({
          id: text(32),
          name: text(256).optional(),
          area_code: text(32).optional(),
          address: text(512).optional(),
        })
        .optional(),
    })
    .optional(),
  settle_info: z.strictObject({ profit_sharing: z.boolean().optional() }).optional(),
  subsidy_info: z.strictObject({ subsidy_detail: z.array(subsidy).optional() }).optional(),
})
type PrepayBody = z.infer<typeof prepaySchema>

/** JSON with the keys in one order, because their order means nothing. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )

function readExpiry(timeExpire: string | undefined, now: Date): Date {
  if (timeExpire === undefined) return new Date(now.getTime() + defaultLifeMs)
  const moment = new Date(timeExpire).getTime()
  const ahead = moment - now.getTime()
  if (ahead > 0 && ahead <= longestLifeMs) {
    return new Date(Math.max(moment, now.getTime() + shortestLifeMs))
  }
  const issue = ahead <= 0 ? 'must be in the future' : 'must be at most 90 days ahead'
  throw parameterError('输入源“/body/time_expire”规则校验失败，交易结束时间须晚于当前时间且在90天之内', {
    field: '/time_expire',
    value: timeExpire,
    issue,
    location: 'body',
  })
}

function checkParties(body: PrepayBody, merchant: Merchant): void {
  if (body.mchid !== merchant.mchId) {
    const issue = 'not the merchant that signed the request'
    const detail = { field: '/mchid', value: body.mchid, issue, location: 'body' as const }
    throw parameterError('输入源“/body/mchid”与签名使用的商户号不一致', detail)
  }
  if (!merchant.appIds.includes(body.appid)) {
    throw new ApiError(400, 'APPID_MCHID_NOT_MATCH', { message: '商户号mch_id与appid不匹配' })
  }
}

/**
 * Checks a JSAPI prepay request.
 * @throws {ApiError} PARAM_ERROR or APPID_MCHID_NOT_MATCH
 * @see https://pay.weixin.qq.com/doc/v3/merchant/4012525167
 */
export function readPrepay(input: unknown, merchant: Merchant, now: Date): PrepayRequest {
  const body = parseParameters(prepaySchema, input, 'body')
  checkParties(body, merchant)
  return {
    mchId: body.mchid,
    appId: body.appid,
    outTradeNo: body.out_trade_no,
    description: body.description,
    attach: body.attach,
    notifyUrl: body.notify_url,
    total: body.amount.total,
    openid: body.payer.openid,
    timeExpire: readExpiry(body.time_expire, now),
    fingerprint: createHash('sha256').update(canonical(body)).digest('hex'),
  }
}
