import { property, textOf } from '../client/graphql.ts'
import type { JsapiParameters } from '../client/bridge.ts'
import type { CloseReason, OrderStatus, WatchedOrder } from '../client/order.ts'

/** An order as far as its payer has to know it. */
export interface PayOrder {
  readonly id: string
  readonly outTradeNo: string
  readonly description: string
  /** Whom it pays; null when that is not known. */
  readonly merchantName: string | null
  /** In fen. */
  readonly total: number
  readonly status: OrderStatus
  readonly closeReason: CloseReason | null
  /** Number of the order's newest event: of two versions, the higher one is the newer one. */
  readonly seq: number
  readonly expiresAtMs: number
  readonly paidAtMs: number | null
}

/** The order with its times as moments. */
export function toPayOrder(order: WatchedOrder): PayOrder {
  const { id, outTradeNo, description, merchantName, amount, status, closeReason, seq, expiresAt, paidAt } =
    order
  return {
    id,
    outTradeNo,
    description,
    merchantName,
    total: amount.total,
    status,
    closeReason,
    seq,
    expiresAtMs: Date.parse(expiresAt),
    paidAtMs: paidAt === null ? null : Date.parse(paidAt),
  }
}

/** Reads the six values for WeChat's bridge out of a `PaymentStarted`; null when this payment is not one of WeChat's. */
export function readJsapiParameters(payment: unknown): JsapiParameters | null {
  const wechatpay = property(payment, 'wechatpay')
  if (typeof wechatpay !== 'object' || wechatpay === null) return null
  return {
    appId: textOf(wechatpay, 'appId'),
    timeStamp: textOf(wechatpay, 'timeStamp'),
    nonceStr: textOf(wechatpay, 'nonceStr'),
    package: textOf(wechatpay, 'package'),
    signType: textOf(wechatpay, 'signType'),
    paySign: textOf(wechatpay, 'paySign'),
  }
}
