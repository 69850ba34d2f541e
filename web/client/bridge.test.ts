import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { type BridgeHost, findCashier, type JsapiParameters, payWithBridge } from './bridge.ts'

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

test('an ok that is told twice is no late ok', async () => {
  const phone = createPhone()
  const onLateOk = vi.fn<() => void>()
  const hinted = payWithBridge(PARAMETERS, { host: phone, onLateOk })
  await phone.asked
  phone.callBack('get_brand_wcpay_request:ok')
  phone.callBack('get_brand_wcpay_request:ok')
  await expect(hinted).resolves.toBe('ok')
  expect(onLateOk).not.toHaveBeenCalled()
})

test('a callback without words is a failure, not a success', async () => {
  const phone = createPhone()
  const hinted = payWithBridge(PARAMETERS, { host: phone })
  await phone.asked
  phone.callBack(undefined)
  await expect(hinted).resolves.toBe('fail')
})

test('a bridge that throws is a failure', async () => {
  const bridge = {
    invoke(): never {
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

test('a bridge that is there is found without waiting, even where nothing would tell of it', async () => {
  const phone = createPhone()
  await expect(findCashier({ host: { bridge: phone.bridge } })).resolves.not.toBeNull()
})

const { appId: _, ...FIVE } = PARAMETERS

describe('a mini program', () => {
  test.each<[string, (callbacks: Callbacks) => void, string]>([
    ['success', ({ success, complete }) => (success({}), complete({ errMsg: 'requestPayment:ok' })), 'ok'],
    ['cancel', ({ fail }) => fail({ errMsg: 'requestPayment:fail cancel' }), 'cancel'],
    ['failure', ({ fail }) => fail({ errMsg: 'requestPayment:fail (no network)' }), 'fail'],
    [
      'cancel as very old ones tell it',
      ({ complete }) => complete({ errMsg: 'requestPayment:cancel' }),
      'cancel',
    ],
  ])('hints a %s', async (_, act, hint) => {
    const wx = { requestPayment: (given: Callbacks) => act(given) }
    const onLateOk = vi.fn<() => void>()
    const host: BridgeHost = { bridge: () => undefined, wx: () => wx }
    await expect(payWithBridge(PARAMETERS, { host, onLateOk })).resolves.toBe(hint)
    expect(onLateOk).not.toHaveBeenCalled()
  })

  test('is not given the appId', async () => {
    const requestPayment = vi.fn<(given: Callbacks) => void>(({ success }) => success({}))
    const host: BridgeHost = { bridge: () => undefined, wx: () => ({ requestPayment }) }
    await payWithBridge(PARAMETERS, { host })
    const { success, fail, complete, ...values } = requestPayment.mock.calls[0]?.[0] ?? {}
    expect(values).toEqual(FIVE)
    expect([success, fail, complete].every((callback) => typeof callback === 'function')).toBe(true)
  })
})

describe("the JS-SDK's chooseWXPay", () => {
  test('is used where there is no bridge, with its own spelling of the time', async () => {
    const chooseWXPay = vi.fn<(given: Callbacks) => void>(({ cancel }) => cancel?.({}))
    const hinted = payWithBridge(PARAMETERS, { host: sdkHost({ chooseWXPay }, true), absentAfterMs: 1 })
    await expect(hinted).resolves.toBe('cancel')
    const { timeStamp, ...others } = PARAMETERS
    expect(chooseWXPay.mock.calls[0]?.[0]).toMatchObject({ ...others, timestamp: timeStamp })
    expect(chooseWXPay.mock.calls[0]?.[0]).not.toHaveProperty('timeStamp')
  })

  test('is not used outside WeChat, where it would stay silent', async () => {
    const chooseWXPay = vi.fn<() => void>()
    const hinted = payWithBridge(PARAMETERS, { host: sdkHost({ chooseWXPay }, false), absentAfterMs: 1 })
    await expect(hinted).resolves.toBe('absent')
    expect(chooseWXPay).not.toHaveBeenCalled()
  })
})

interface Callbacks {
  readonly success: (result: object) => void
  readonly fail: (result: object) => void
  readonly complete: (result: object) => void
  readonly cancel?: (result: object) => void
}

function sdkHost(wx: object, isInside: boolean): BridgeHost {
  return { bridge: () => undefined, wx: () => wx, events: new EventTarget(), isInsideWechat: () => isInside }
}

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
  const bridge = {
    invoke(name: string, parameters: JsapiParameters, listener: (result: unknown) => void) {
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
