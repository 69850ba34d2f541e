import type { Words } from './catalogue.ts'

/** How an order stands, in the customer's terms. */
export type LastOrderIs = 'open' | 'paid' | 'expired' | 'closed'

/** Every word of the shop that is not a tea's own, in one language. */
export interface Messages {
  readonly language: 'zh-CN' | 'en'
  /** Which of a tea's words to show. */
  readonly words: keyof Words
  readonly title: string
  readonly sandbox: string
  readonly claim: string
  readonly lead: string
  readonly buy: string
  readonly buying: string
  readonly quantity: string
  readonly less: string
  readonly more: string
  readonly foot: string
  /** How the order that was placed last stands. */
  readonly orderIs: Readonly<Record<LastOrderIs, string>>
  readonly payIt: string
  /** By the code of the backend's refusal; `UNREACHABLE` when there was no answer at all. */
  readonly problems: Readonly<Record<string, string>>
}

const ZH: Messages = {
  language: 'zh-CN',
  words: 'zh',
  title: 'Acme 茶铺',
  sandbox: '演示商店（沙箱）：不会产生任何真实扣款，也不会发货。',
  claim: '山里的茶，杯中的春天',
  lead: '四款好茶，微信支付，到账即知。',
  buy: '购买',
  buying: '正在下单…',
  quantity: '数量',
  less: '减少一件',
  more: '增加一件',
  foot: '下单后将跳转到 Paybell 付款页面',
  orderIs: { open: '订单待付款', paid: '订单已付款', expired: '订单已过期', closed: '订单已关闭' },
  payIt: '去付款',
  problems: {
    INVALID_ORDER: '这份订单有误，请刷新页面后再试。',
    PAYMENT_REFUSED: '支付平台没有接受这笔订单，您没有被扣款。',
    TRY_AGAIN: '支付服务暂时繁忙，请稍后再试。',
    SHOP_MISCONFIGURED: '商店的支付设置有误，暂时无法下单。',
    UNREACHABLE: '网络连接失败，请检查网络后再试。',
  },
}

const EN: Messages = {
  language: 'en',
  words: 'en',
  title: 'Acme Tea',
  sandbox: 'Demo shop (sandbox): no real money moves, and no tea is sent.',
  claim: 'Mountain leaves, a cup of spring',
  lead: 'Four good teas, paid with WeChat Pay, confirmed the moment the money arrives.',
  buy: 'Buy',
  buying: 'Placing order…',
  quantity: 'Quantity',
  less: 'One fewer',
  more: 'One more',
  foot: 'You will be taken to the Paybell payment page',
  orderIs: {
    open: 'Your order waits for payment',
    paid: 'Your order is paid',
    expired: 'Your order has expired',
    closed: 'Your order is closed',
  },
  payIt: 'Pay it',
  problems: {
    INVALID_ORDER: 'Something about this order is wrong. Please reload the page and try again.',
    PAYMENT_REFUSED: 'The payment platform did not accept this order. You have not been charged.',
    TRY_AGAIN: 'The payment service is busy. Please try again in a moment.',
    SHOP_MISCONFIGURED: "The shop's payment settings are wrong, so it cannot take orders right now.",
    UNREACHABLE: 'The connection failed. Please check your network and try again.',
  },
}

/** The words for a browser's language: Chinese for every kind of Chinese, otherwise English. */
export function messagesFor(language: string): Messages {
  return /^zh\b/i.test(language) ? ZH : EN
}
