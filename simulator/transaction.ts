import { toChinaTime } from './clock.ts'
import type { Order } from './order.ts'

const stateTexts = { NOTPAY: '订单未支付', SUCCESS: '支付成功', CLOSED: '订单已关闭' } as const

function paidPart(order: Order): Readonly<Record<string, unknown>> {
  if (order.transactionId === undefined || order.paidAt === undefined) {
    return { amount: { total: order.total, currency: 'CNY' } }
  }
  return {
    transaction_id: order.transactionId,
    trade_type: 'JSAPI',
    bank_type: 'OTHERS',
    attach: order.attach ?? '',
    success_time: toChinaTime(new Date(order.paidAt)),
    payer: { openid: order.openid },
    amount: { total: order.total, payer_total: order.total, currency: 'CNY', payer_currency: 'CNY' },
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
