import { toChinaTime } from './clock.ts'
import type { Order } from './order.ts'

const stateTexts = { NOTPAY: '订单未支付', SUCCESS: '支付成功', CLOSED: '订单已关闭' } as const

/** A coupon that the platform paid `amount` fen of an order with. */
const couponOf = (amount: number): Readonly<Record<string, unknown>> => ({
  coupon_id: '1000000001',
  name: '模拟代金券',
  scope: 'GLOBAL',
  type: 'CASH',
  amount,
  stock_id: '2000000001',
  wechatpay_contribute: amount,
  merchant_contribute: 0,
  other_contribute: 0,
  currency: 'CNY',
})

function paidPart(order: Order): Readonly<Record<string, unknown>> {
  if (order.transactionId === undefined || order.paidAt === undefined) {
    return { amount: { total: order.total, currency: 'CNY' } }
  }
  const { payerTotal = order.total } = order
  return {
    transaction_id: order.transactionId,
    trade_type: 'JSAPI',
    bank_type: 'OTHERS',
    attach: order.attach ?? '',
    success_time: toChinaTime(new Date(order.paidAt)),
    payer: { openid: order.openid },
    amount: { total: order.total, payer_total: payerTotal, currency: 'CNY', payer_currency: 'CNY' },
    ...(payerTotal < order.total && { promotion_detail: [couponOf(order.total - payerTotal)] }),
  }
}

/** The platform's own description of an order, as queries answer it and payment notifications carry it. */
export const toTransaction = (order: Order): Readonly<Record<string, unknown>> => ({
  mchid: order.mchId,
  appid: order.appId,
  out_trade_no: order.outTradeNo,
  trade_state: order.state,
  trade_state_desc: stateTexts[order.state],
  ...paidPart(order),
})
