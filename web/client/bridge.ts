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

/** The object that WeChat puts into its pages. */
export interface WeixinBridge {
  invoke(name: string, parameters: JsapiParameters, callback: (result: unknown) => void): void
}

/** Where the bridge is looked for; the page's window and document unless a test says otherwise. */
export interface BridgeHost {
  readonly bridge: () => WeixinBridge | undefined
  /** Dispatches `WeixinJSBridgeReady`. */
  readonly events: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>
}

/** How to wait for the bridge, and whom to tell afterwards. */
export interface BridgeOptions {
  readonly host?: BridgeHost
  /** How long the bridge may take to appear. @default 5_000 // 5 seconds */
  readonly absentAfterMs?: number
  /** Some phones say `cancel` or `fail` first and `ok` later, when the promise has long been settled. */
  readonly onLateOk?: () => void
}

/**
 * Opens WeChat's payment sheet and resolves with the first hint. It may stay pending forever, because some phones never
 * call back: watch the order, and never make anything depend on this promise alone.
 */
export async function payWithBridge(
  parameters: JsapiParameters,
  options: BridgeOptions = {},
): Promise<BridgeHint> {
  const bridge = await findBridge(options)
  if (bridge === null) return 'absent'
  return new Promise((resolve) => {
    let isSettled = false
    const listen = (result: unknown): void => {
      const hint = hintOf(result)
      if (hint === null) return
      if (isSettled && hint === 'ok') options.onLateOk?.()
      isSettled = true
      resolve(hint)
    }
    try {
      bridge.invoke('getBrandWCPayRequest', onlyTheSix(parameters), listen)
    } catch {
      listen({ err_msg: 'get_brand_wcpay_request:fail' })
    }
  })
}

/** Resolves with the bridge as soon as there is one, or with null when the page is evidently not inside WeChat. */
export function findBridge({
  host = pageHost(),
  absentAfterMs = 5_000,
}: BridgeOptions = {}): Promise<WeixinBridge | null> {
  const present = host.bridge()
  if (present !== undefined) return Promise.resolve(present)
  return new Promise((resolve) => {
    const settle = (): void => {
      clearTimeout(timer)
      host.events.removeEventListener('WeixinJSBridgeReady', settle)
      resolve(host.bridge() ?? null)
    }
    const timer = setTimeout(settle, absentAfterMs)
    host.events.addEventListener('WeixinJSBridgeReady', settle)
  })
}

/** Reads what WeChat called back with; null for `pre_verify_jsapi:ok`, which only says that the parameters look well. */
function hintOf(result: unknown): BridgeHint | null {
  const words = textOf(result, 'err_msg').toLowerCase()
  if (words.startsWith('pre_verify_jsapi')) return null
  if (/^get_brand_wcpay_request:\s*ok$/.test(words)) return 'ok'
  return words.includes(':cancel') || words.includes('fail cancel') ? 'cancel' : 'fail'
}

/** Anything else, such as GraphQL's `__typename`, makes some versions of WeChat refuse the call. */
function onlyTheSix(given: JsapiParameters): JsapiParameters {
  const { appId, timeStamp, nonceStr, package: prepay, signType, paySign } = given
  return { appId, timeStamp, nonceStr, package: prepay, signType, paySign }
}

function pageHost(): BridgeHost {
  return { bridge: () => bridgeOf(window), events: document }
}

function bridgeOf(page: object): WeixinBridge | undefined {
  const candidate = property(page, 'WeixinJSBridge')
  return typeof property(candidate, 'invoke') === 'function' ? (candidate as WeixinBridge) : undefined
}
