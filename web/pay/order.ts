import { property, textOf } from '../client/graphql.ts'
import type { JsapiParameters } from '../client/bridge.ts'

/** An order as far as its payer has to know it. */
export interface PayOrder {
  readonly id: string
  readonly outTradeNo: string
  readonly description: string
  /** In fen. */
  readonly total: number
  readonly status: OrderStatus
  /** Number of the order's newest event: of two versions, the higher one is the newer one. */
  readonly seq: number
  readonly expiresAtMs: number
  readonly paidAtMs: number | null
}

export type OrderStatus = 'CREATED' | 'PENDING' | 'PAID' | 'CLOSED'

/** The selection that `readOrder` reads. */
export const ORDER_FIELDS = 'id outTradeNo description status seq expiresAt paidAt amount { total currency }'

/** Reads an order out of a GraphQL answer; null when there is none, or when it is nothing that this page understands. */
export function readOrder(value: unknown): PayOrder | null {
  const status = readStatus(property(value, 'status'))
  const total = property(property(value, 'amount'), 'total')
  const expiresAtMs = readTime(property(value, 'expiresAt'))
  if (status === null || !Number.isSafeInteger(total) || expiresAtMs === null) return null
  return {
    id: textOf(value, 'id'),
    outTradeNo: textOf(value, 'outTradeNo'),
    description: textOf(value, 'description'),
    total: Number(total),
    status,
    seq: Number(property(value, 'seq')),
    expiresAtMs,
    paidAtMs: readTime(property(value, 'paidAt')),
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

function readStatus(value: unknown): OrderStatus | null {
  switch (value) {
    case 'CREATED':
    case 'PENDING':
    case 'PAID':
    case 'CLOSED':
      return value
    default:
      return null
  }
}

function readTime(value: unknown): number | null {
  const timeMs = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(timeMs) ? null : timeMs
}
