import { property, textOf } from './graphql.ts'

/** What WeChat's `getBrandWCPayRequest` takes: the six values as the gateway signed them, all of them strings. */
export interface JsapiParameters {
  readonly appId: string
  readonly timeStamp: string
  readonly nonceStr: string
  readonly package: string
  readonly signType: string
  readonly paySign: string
}

/**
 * What the phone says of a payment. Never a proof: only the order's own status is.
 *
 * - `ok`: WeChat says that it was paid; wait for the order to say so too, and do not let the payer pay again.
 * - `cancel`: the payer left, which some do after paying. - `fail`: WeChat showed an error.
 * - `absent`: this page is not inside WeChat.
 */
export type BridgeHint = 'ok' | 'cancel' | 'fail' | 'absent'

/** One of the ways to open WeChat's payment sheet; `tell` may be called several times, or never. */
export type Cashier = (parameters: JsapiParameters, tell: (hint: BridgeHint) => void) => void

/** Where the ways are looked for; the page itself unless a test says otherwise. */
export interface BridgeHost {
  /** `window.WeixinJSBridge`, which WeChat puts into its pages a little after they began. */
  readonly bridge: () => unknown
  /** The global `wx`: the JS-SDK of a page, or a mini program's own. */
  readonly wx?: () => unknown
  /** Dispatches `WeixinJSBridgeReady`; a mini program has no such thing. */
  readonly events?: Pick<EventTarget, 'addEventListener' | 'removeEventListener'> | undefined
  readonly isInsideWechat?: () => boolean
}

/** How to wait for the bridge, and whom to tell afterwards. */
export interface BridgeOptions {
  readonly host?: BridgeHost
  /** How long the bridge may take to appear. @default 5_000 // 5 seconds */
  readonly absentAfterMs?: number
  /** Some phones say `cancel` or `fail` first and `ok` later, when the promise has long been settled. */
  readonly onLateOk?: () => void
}

declare const wx: unknown

/**
 * Opens WeChat's payment sheet with `WeixinJSBridge`, else with the JS-SDK's `wx.chooseWXPay` (which the page has to have
 * configured), and in a mini program with `wx.requestPayment`. Resolves with the first hint. It may stay pending forever,
 * because some phones never call back: watch the order, and never make anything depend on this promise alone.
 */
export async function payWithBridge(
  parameters: JsapiParameters,
  options: BridgeOptions = {},
): Promise<BridgeHint> {
  const cashier = await findCashier(options)
  if (cashier === null) return 'absent'
  return new Promise((resolve) => {
    let isOk: boolean | null = null
    const tell = (hint: BridgeHint): void => {
      if (isOk === false && hint === 'ok') options.onLateOk?.()
      isOk = isOk === true || hint === 'ok'
      resolve(hint)
    }
    try {
      cashier(onlyTheSix(parameters), tell)
    } catch {
      tell('fail')
    }
  })
}

/** Resolves with a way to pay as soon as there is one, or with null when the page is evidently not inside WeChat. */
export function findCashier({
  host = pageHost,
  absentAfterMs = 5_000,
}: BridgeOptions = {}): Promise<Cashier | null> {
  const present = bridgeCashier(host) ?? miniProgramCashier(host)
  const { events } = host
  if (present !== null || events === undefined) return Promise.resolve(present)
  return new Promise((resolve) => {
    const settle = (): void => {
      clearTimeout(timer)
      events.removeEventListener('WeixinJSBridgeReady', settle)
      resolve(bridgeCashier(host) ?? sdkCashier(host))
    }
    const timer = setTimeout(settle, absentAfterMs)
    events.addEventListener('WeixinJSBridgeReady', settle)
  })
}

function bridgeCashier({ bridge }: BridgeHost): Cashier | null {
  const invoke = methodOf(bridge(), 'invoke')
  return (
    invoke && ((parameters, tell) => invoke('getBrandWCPayRequest', parameters, hearing(tell, 'err_msg')))
  )
}

/** The JS-SDK is there in every browser that loads it, and silent outside WeChat. Its key for the time is spelt differently. */
function sdkCashier({ wx, isInsideWechat }: BridgeHost): Cashier | null {
  const chooseWXPay = isInsideWechat?.() === true ? methodOf(wx?.(), 'chooseWXPay') : null
  return (
    chooseWXPay &&
    (({ timeStamp, ...others }, tell) =>
      chooseWXPay({ ...others, timestamp: timeStamp, ...callbacks(tell), cancel: () => tell('cancel') }))
  )
}

/** A mini program knows its own appId and wants no other. */
function miniProgramCashier({ wx }: BridgeHost): Cashier | null {
  const requestPayment = methodOf(wx?.(), 'requestPayment')
  return (
    requestPayment && (({ appId: _, ...others }, tell) => requestPayment({ ...others, ...callbacks(tell) }))
  )
}

/** Very old mini programs tell of a cancellation in `complete` only. */
function callbacks(tell: (hint: BridgeHint) => void) {
  const hear = hearing(tell, 'errMsg')
  return {
    success: () => tell('ok'),
    fail: hear,
    complete: (result: unknown) => textOf(result, 'errMsg') && hear(result),
  }
}

/** Reads what WeChat called back with; `pre_verify_jsapi:ok` only says that the parameters look well. */
function hearing(tell: (hint: BridgeHint) => void, name: string): (result: unknown) => void {
  return (result) => {
    const words = textOf(result, name).toLowerCase()
    if (words.startsWith('pre_verify_jsapi')) return
    if (/^(get_brand_wcpay_request|choosewxpay|requestpayment):\s*ok$/.test(words)) tell('ok')
    else tell(words.includes(':cancel') || words.includes('fail cancel') ? 'cancel' : 'fail')
  }
}

/** Anything else, such as GraphQL's `__typename`, makes some versions of WeChat refuse the call. */
function onlyTheSix(given: JsapiParameters): JsapiParameters {
  const { appId, timeStamp, nonceStr, package: prepay, signType, paySign } = given
  return { appId, timeStamp, nonceStr, package: prepay, signType, paySign }
}

function methodOf(owner: unknown, name: string): ((...values: unknown[]) => unknown) | null {
  const method = property(owner, name)
  return typeof method === 'function' ? (...values) => Reflect.apply(method, owner, values) as unknown : null
}

const pageHost: BridgeHost = {
  bridge: () => (typeof window === 'undefined' ? undefined : property(window, 'WeixinJSBridge')),
  wx: () => (typeof wx === 'undefined' ? undefined : wx),
  events: typeof document === 'undefined' ? undefined : document,
  isInsideWechat: () => typeof navigator === 'object' && /MicroMessenger/i.test(navigator.userAgent),
}
