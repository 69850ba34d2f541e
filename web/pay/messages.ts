import type { Problem, Screen } from './state.ts'

/** Title and explanation of one screen. */
export interface ScreenWords {
  readonly title: string
  readonly text: string
}

/** Every word of the pay page in one language. */
export interface Messages {
  /** For the `lang` attribute and for dates. */
  readonly language: 'zh-CN' | 'en'
  readonly pageTitle: string
  readonly screens: Readonly<Record<Screen, ScreenWords>>
  readonly problems: Readonly<Record<Problem['kind'], string>>
  /** Before the platform's code of a problem. */
  readonly code: string
  readonly confirmingLong: string
  readonly pay: string
  readonly payAgain: string
  readonly opening: string
  readonly checkAgain: string
  readonly checking: string
  /** Whom the order pays. */
  payTo(name: string): string
  readonly orderNumber: string
  readonly payBefore: string
  readonly timeLeft: string
  readonly paidAt: string
  readonly offline: string
  readonly reconnecting: string
  readonly foot: string
}

const ZH: Messages = {
  language: 'zh-CN',
  pageTitle: '微信支付',
  screens: {
    loading: { title: '正在加载订单', text: '' },
    unready: {
      title: '请返回商家付款',
      text: '商家尚未为此订单发起微信支付。请返回商家页面，从那里付款。',
    },
    waiting: { title: '待支付', text: '请核对金额和商品后付款。' },
    paying: { title: '正在打开微信支付', text: '请在弹出的窗口中完成付款。' },
    confirming: { title: '正在确认付款结果', text: '微信已提交付款，请勿重复支付。到账后本页会自动更新。' },
    paid: { title: '支付成功', text: '款项已到账，可以关闭此页面。' },
    cancelled: { title: '尚未付款', text: '您已取消付款。如需购买，可以重新支付。' },
    failed: { title: '付款没有完成', text: '' },
    outside: {
      title: '请在微信中打开',
      text: '此订单只能在微信内付款。请复制本页链接，发送到微信聊天中，再从微信里打开。',
    },
    expired: {
      title: '订单已过期',
      text: '付款时间已过，请返回商家重新下单。若您刚刚付款，到账后本页会自动更新；如有疑问，请凭订单号联系商家。',
    },
    closed: {
      title: '订单已关闭',
      text: '此订单不能再付款。若您刚刚付款，到账后本页会自动更新；如有疑问，请凭订单号联系商家。',
    },
    invalid: { title: '链接无效或已过期', text: '请返回商家页面，重新打开付款链接。' },
    offline: { title: '暂时无法连接', text: '请检查网络，连接恢复后本页会自动继续。' },
  },
  problems: {
    refused: '微信支付没有接受这笔付款，您没有被扣款。',
    unavailable: '微信支付暂时没有响应，请稍后再试。',
    unreachable: '网络连接失败，请检查网络后再试。',
    wechat: '微信没有完成这笔付款，请重试。',
    shop: '商家暂时无法收取这笔款项，您没有被扣款。请联系商家。',
  },
  code: '错误代码：',
  confirmingLong: '仍在等待微信的确认，有时需要几分钟。请勿重复支付。',
  pay: '立即支付',
  payAgain: '重新支付',
  opening: '请稍候…',
  checkAgain: '重新查询',
  checking: '正在查询…',
  payTo: (name) => `付款给 ${name}`,
  orderNumber: '订单号',
  payBefore: '支付截止',
  timeLeft: '剩余时间',
  paidAt: '支付时间',
  offline: '网络已断开，恢复后会自动继续',
  reconnecting: '正在重新连接…',
  foot: '付款结果以微信支付的确认为准',
}

const EN: Messages = {
  language: 'en',
  pageTitle: 'WeChat Pay',
  screens: {
    loading: { title: 'Loading your order', text: '' },
    unready: {
      title: 'Please go back to the shop',
      text: 'The shop has not started a WeChat payment for this order yet. Please pay from there.',
    },
    waiting: { title: 'Waiting for payment', text: 'Please check the amount and the item, then pay.' },
    paying: { title: 'Opening WeChat Pay', text: 'Finish the payment in the sheet that opens.' },
    confirming: {
      title: 'Confirming your payment',
      text: 'Please do not pay again. This page updates by itself as soon as the money has arrived.',
    },
    paid: { title: 'Payment received', text: 'All done. You may close this page.' },
    cancelled: {
      title: 'Not paid yet',
      text: 'You left the payment. You can pay again whenever you are ready.',
    },
    failed: { title: 'The payment did not go through', text: '' },
    outside: {
      title: 'Please open this in WeChat',
      text: 'This order can only be paid inside WeChat. Copy the link of this page, send it to a WeChat chat, and open it from there.',
    },
    expired: {
      title: 'This order has expired',
      text: 'The time to pay is over. Please order again at the shop. If you did pay, this page updates once the money arrives; the shop can help by the order number.',
    },
    closed: {
      title: 'This order is closed',
      text: 'It can no longer be paid. If you did pay, this page updates once the money arrives; the shop can help by the order number.',
    },
    invalid: {
      title: 'This link is not valid',
      text: 'It may have expired. Please go back to the shop and open the payment again.',
    },
    offline: {
      title: 'No connection',
      text: 'Please check your network. This page goes on by itself as soon as it is back.',
    },
  },
  problems: {
    refused: 'WeChat Pay did not accept this payment. You have not been charged.',
    unavailable: 'WeChat Pay is not answering right now. Please try again in a moment.',
    unreachable: 'The connection failed. Please check your network and try again.',
    wechat: 'WeChat did not complete the payment. Please try again.',
    shop: 'The shop cannot take this payment right now. You have not been charged. Please contact the shop.',
  },
  code: 'Code:',
  confirmingLong:
    "Still waiting for WeChat's confirmation, which can take a few minutes. Please do not pay again.",
  pay: 'Pay now',
  payAgain: 'Pay again',
  opening: 'One moment…',
  checkAgain: 'Check again',
  checking: 'Checking…',
  payTo: (name) => `Pay to ${name}`,
  orderNumber: 'Order number',
  payBefore: 'Pay before',
  timeLeft: 'Time left',
  paidAt: 'Paid at',
  offline: 'You are offline. This page goes on by itself.',
  reconnecting: 'Reconnecting…',
  foot: 'A payment counts once WeChat Pay has confirmed it',
}

/** The words for a browser's language, e.g. `zh-Hans-CN`: Chinese for every kind of Chinese, otherwise English. */
export function messagesFor(language: string): Messages {
  return /^zh\b/i.test(language) ? ZH : EN
}
