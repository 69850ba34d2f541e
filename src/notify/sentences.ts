import type { Explanation } from '../domain/explanation.ts'

/** What is said of a callback's way through the inbox, in both languages. */
export const SENTENCES = {
  received: {
    en: 'It was received and is not applied yet.',
    zh: '已收到，尚未应用到订单。',
  },
  applied: (outTradeNo: string, effects: string): Explanation => ({
    en: `It changed order ${outTradeNo}: ${effects}.`,
    zh: `已应用到订单 ${outTradeNo}：${effects}。`,
  }),
  duplicate: (outTradeNo: string): Explanation => ({
    en: `Order ${outTradeNo} knew this already; nothing changed.`,
    zh: `订单 ${outTradeNo} 已知此事，没有变化。`,
  }),
  full: (outTradeNo: string): Explanation => ({
    en: `Order ${outTradeNo} has so many anomalies that it takes no more; the payment is kept here only, and is not believed.`,
    zh: `订单 ${outTradeNo} 的异常已达上限，不再记录；该笔支付仅保存在此，未被采信。`,
  }),
  again: (attempts: number): Explanation => ({
    en: `It had its effect before; this delivery, number ${attempts} of it, changed nothing.`,
    zh: `该通知此前已处理；这是第 ${attempts} 次投递，没有变化。`,
  }),
  unmatched: (tradeNo: string): Explanation => ({
    en: `There is no order ${tradeNo}; it is applied when the order appears.`,
    zh: `没有编号为 ${tradeNo} 的订单；订单出现后会自动应用。`,
  }),
} as const
