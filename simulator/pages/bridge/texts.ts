/** What the cashier says. */
export type Texts = {
  readonly title: string
  readonly payTo: string
  readonly order: string
  readonly method: string
  readonly methodName: string
  readonly pay: string
  readonly paying: string
  readonly cancel: string
  readonly ok: string
  readonly simulated: string
  readonly unreachable: string
  /** Translations of what the platform says, by its code. */
  readonly refusals: Readonly<Record<string, string>>
}

const english: Texts = {
  title: 'Confirm payment',
  payTo: 'Pay to',
  order: 'Order',
  method: 'Method',
  methodName: 'Test balance',
  pay: 'Pay now',
  paying: 'Paying…',
  cancel: 'Cancel',
  ok: 'OK',
  simulated: 'Simulator: no real money moves',
  unreachable: 'The payment simulator cannot be reached',
  refusals: {
    SIGN_ERROR: 'The payment signature could not be verified',
    PARAM_ERROR: 'A parameter of the payment request is missing or wrong',
    PREPAY_ID_INVALID: 'The prepay_id is missing or unknown',
    PREPAY_ID_EXPIRED: 'This payment session has expired: place the order again',
    INVALID_REQUEST: 'This order has expired: place it again',
    INVALID_TOKEN: 'This payment session has ended: start the payment again',
    ORDERPAID: 'This order has been paid already',
    ORDER_CLOSED: 'This order has been closed',
  },
}

const chinese: Texts = {
  title: '确认支付',
  payTo: '付款给',
  order: '商品',
  method: '付款方式',
  methodName: '测试零钱',
  pay: '立即支付',
  paying: '支付中…',
  cancel: '取消',
  ok: '确定',
  simulated: '模拟器：不会产生真实扣款',
  unreachable: '无法连接支付模拟器',
  refusals: {},
}

const isChinese = (): boolean => navigator.language.toLowerCase().startsWith('zh')

/** The texts in the browser's language. */
export const texts = (): Texts => (isChinese() ? chinese : english)

/** The language of the texts, as an HTML `lang`. */
export const language = (): string => (isChinese() ? 'zh-CN' : 'en')
