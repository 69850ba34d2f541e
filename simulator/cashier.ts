import { z } from 'zod'
import { ApiError } from './api-error.ts'
import type { Clock } from './clock.ts'
import { isSignedBy, randomText, signedMessage } from './crypto.ts'
import type { Ledger } from './ledger.ts'
import type { Order, OrderRef } from './order.ts'
import type { Merchants } from './merchants.ts'

const invocationSchema = z.object({
  appId: z.string(),
  timeStamp: z.string().regex(/^\d{1,12}$/),
  nonceStr: z.string().min(1).max(32),
  package: z.string().regex(/^prepay_id=.+$/),
  signType: z.literal('RSA'),
  paySign: z.string(),
})

/** What the payer sees before paying; `token` is what paying takes. */
type Bill = {
  readonly token: string
  readonly merchantName: string
  readonly description: string
  /** Fen. */
  readonly total: number
  readonly currency: 'CNY'
}

/** The payer's side of the counter. */
export type Cashier = {
  /**
   * Checks the six parameters that a page hands to the client.
   * @throws {ApiError} with the sentence that the client shows
   */
  readonly open: (parameters: unknown) => Bill
  /** The order that a token was given for, for 15 minutes. @throws {ApiError} INVALID_TOKEN */
  readonly orderOf: (token: string) => OrderRef
}

const tokenLifeMs = 15 * 60 * 1000

const refused = (code: string, message: string): ApiError => new ApiError(400, code, { message })

/** The two ways in which a text that a page sends can be missing or misspelt, told in the client's words. */
function readInvocation(parameters: unknown): z.infer<typeof invocationSchema> {
  const result = invocationSchema.safeParse(parameters)
  if (result.success) return result.data
  const field = String(result.error.issues[0]?.path[0] ?? '')
  throw refused(
    'PARAM_ERROR',
    field === '' ? '调用支付JSAPI缺少参数' : `调用支付JSAPI缺少参数或参数错误：${field}`,
  )
}

/** Opens the counter. Tokens live in memory only: after a restart the payer just opens the cashier again. */
export function createCashier(deps: {
  readonly ledger: Ledger
  readonly merchants: Merchants
  readonly now: Clock
}): Cashier {
  const { ledger, merchants, now } = deps
  const tokens = new Map<string, { readonly ref: OrderRef; readonly expiresAt: number }>()

  const dropExpired = (): void => {
    for (const [token, { expiresAt }] of tokens) if (expiresAt <= now().getTime()) tokens.delete(token)
  }
  const checkAlive = (order: Order, prepayId: string): void => {
    const prepay = order.prepays.find(({ id }) => id === prepayId)
    if (!prepay || new Date(prepay.expiresAt) <= now()) {
      throw refused('PREPAY_ID_EXPIRED', '支付会话已过期，请重新下单')
    }
  }
  const open = (parameters: unknown): Bill => {
    const invocation = readInvocation(parameters)
    const prepayId = invocation.package.slice('prepay_id='.length)
    const order = ledger.findByPrepayId(prepayId)
    const merchant = order && merchants.get(order.mchId)
    if (!order || !merchant) throw refused('PREPAY_ID_INVALID', '缺少或无效的预支付会话prepay_id')
    const { appId, timeStamp, nonceStr, paySign } = invocation
    const message = signedMessage(appId, timeStamp, nonceStr, invocation.package)
    if (appId !== order.appId || !isSignedBy(message, paySign, merchant.publicKey)) {
      throw refused('SIGN_ERROR', '支付验证签名失败')
    }
    checkAlive(order, prepayId)
    ledger.checkPayable(order)
    dropExpired()
    const token = randomText(32)
    const ref = { mchId: order.mchId, outTradeNo: order.outTradeNo }
    tokens.set(token, { ref, expiresAt: now().getTime() + tokenLifeMs })
    return {
      token,
      merchantName: merchant.name,
      description: order.description,
      total: order.total,
      currency: 'CNY',
    }
  }
  const orderOf = (token: string): OrderRef => {
    dropExpired()
    const known = tokens.get(token)
    if (known) return known.ref
    throw refused('INVALID_TOKEN', '支付会话已失效，请重新发起支付')
  }
  return { open, orderOf }
}
