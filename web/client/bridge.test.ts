import { expect, onTestFinished, test, vi } from 'vitest'
import {
  type BridgeHost,
  findBridge,
  type JsapiParameters,
  payWithBridge,
  type WeixinBridge,
} from './bridge.ts'

const PARAMETERS: JsapiParameters = {
  appId: 'wxd678efh567hg6787',
  timeStamp: '1414561699',
  nonceStr: '5K8264ILTKCH16CQ2502SI8ZNMTM67VS',
  package: 'prepay_id=wx201410272009395522657a690389285100',
  signType: 'RSA',
  paySign: 'c2lnbmF0dXJl',
}

test.each([
  ['get_brand_wcpay_request:ok', 'ok'],
  ['get_brand_wcpay_request:cancel', 'cancel'],
  ['get_brand_wcpay_request:fail', 'fail'],
  ['get_brand_wcpay_request:fail cancel', 'cancel'],
  ['get_brand_wcpay_request:fail_no permission to execute', 'fail'],
  ['system:access_denied', 'fail'],
])('%s is the hint %s', async (words, hint) => {
  const phone = createPhone()
  const hinted = payWithBridge(PARAMETERS, { host: phone })
  await phone.asked
  phone.callBack(words)
  await expect(hinted).resolves.toBe(hint)
})

test('pre_verify_jsapi:ok is not a result', async () => {
  const phone = createPhone()
  const hinted = payWithBridge(PARAMETERS, { host: phone })
  await phone.asked
  phone.callBack('pre_verify_jsapi:ok')
  phone.callBack('get_brand_wcpay_request:cancel')
  await expect(hinted).resolves.toBe('cancel')
})

test('an ok that follows a cancel is told separately', async () => {
  const phone = createPhone()
  const onLateOk = vi.fn<() => void>()
  const hinted = payWithBridge(PARAMETERS, { host: phone, onLateOk })
  await phone.asked
  phone.callBack('get_brand_wcpay_request:cancel')
  await expect(hinted).resolves.toBe('cancel')
  expect(onLateOk).not.toHaveBeenCalled()
  phone.callBack('get_brand_wcpay_request:ok')
  expect(onLateOk).toHaveBeenCalledOnce()
})

test('a callback without words is a failure, not a success', async () => {
  const phone = createPhone()
  const hinted = payWithBridge(PARAMETERS, { host: phone })
  await phone.asked
  phone.callBack(undefined)
  await expect(hinted).resolves.toBe('fail')
})

test('a bridge that throws is a failure', async () => {
  const bridge: WeixinBridge = {
    invoke() {
      throw new Error('no permission')
    },
  }
  const host: BridgeHost = { bridge: () => bridge, events: new EventTarget() }
  await expect(payWithBridge(PARAMETERS, { host })).resolves.toBe('fail')
})

test('the bridge gets the six values and nothing that came along with them', async () => {
  const phone = createPhone()
  void payWithBridge({ ...PARAMETERS, __typename: 'JsapiParameters' } as JsapiParameters, { host: phone })
  await expect(phone.asked).resolves.toEqual({ name: 'getBrandWCPayRequest', parameters: PARAMETERS })
})

test('a bridge that appears later is waited for', async () => {
  const phone = createPhone({ isReady: false })
  const hinted = payWithBridge(PARAMETERS, { host: phone })
  phone.becomeReady()
  await phone.asked
  phone.callBack('get_brand_wcpay_request:ok')
  await expect(hinted).resolves.toBe('ok')
})

test('outside WeChat the answer is absent, after the given time', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const hinted = payWithBridge(PARAMETERS, { host: createPhone({ isReady: false }), absentAfterMs: 3_000 })
  await vi.advanceTimersByTimeAsync(3_000)
  await expect(hinted).resolves.toBe('absent')
  expect(vi.getTimerCount()).toBe(0)
})

test('a bridge that is there is found without waiting', async () => {
  const phone = createPhone()
  await expect(findBridge({ host: phone })).resolves.toBe(phone.bridge())
})

function ignore(): void {}

interface Asked {
  readonly name: string
  readonly parameters: JsapiParameters
}

function createPhone({ isReady = true } = {}) {
  const events = new EventTarget()
  let ready = isReady
  let callback: (result: unknown) => void = ignore
  let resolveAsked: (asked: Asked) => void = ignore
  const asked = new Promise<Asked>((resolve) => {
    resolveAsked = resolve
  })
  const bridge: WeixinBridge = {
    invoke(name, parameters, listener) {
      callback = listener
      resolveAsked({ name, parameters })
    },
  }
  return {
    events,
    asked,
    bridge: () => (ready ? bridge : undefined),
    callBack: (words: string | undefined) => callback(words === undefined ? {} : { err_msg: words }),
    becomeReady() {
      ready = true
      events.dispatchEvent(new Event('WeixinJSBridgeReady'))
    },
  } satisfies BridgeHost & Record<string, unknown>
}
