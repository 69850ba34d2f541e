import { expect, onTestFinished, test, vi } from 'vitest'
import { answeringServer, sendJson } from '../../test/support/answering-server.ts'
import type { OrderWatch } from '../client/index.ts'
import { createCheckout } from './checkout.ts'
import { screenOf } from './state.ts'
import { createStore } from './store.ts'

const ORDER = {
  id: 'o1',
  outTradeNo: 'T1',
  description: 'tea',
  merchantName: null,
  total: 100,
  status: 'PENDING',
  closeReason: null,
  seq: 2,
  expiresAtMs: Date.now() + 3_600_000,
  paidAtMs: null,
} as const
const WECHATPAY = { appId: 'a', timeStamp: '1', nonceStr: 'n', package: 'p', signType: 'RSA', paySign: 's' }
const STARTED = { __typename: 'StartPaymentSuccess', payment: { wechatpay: WECHATPAY } }

/** A page on a phone whose bridge says what the test tells it to, and a gateway that answers `startPayment` like this. */
async function openPage(answer: () => Promise<unknown> = async () => STARTED, isAnswered = true) {
  let callBack: ((result: object) => void) | undefined
  const WeixinJSBridge = {
    invoke: (_name: string, _parameters: object, listener: (result: object) => void) =>
      void (callBack = listener),
  }
  vi.stubGlobal('window', { WeixinJSBridge })
  onTestFinished(() => void vi.unstubAllGlobals())
  let confirmed = 0
  const watch: OrderWatch = {
    stop() {},
    refresh: async () => true,
    async confirm() {
      confirmed += 1
      return isAnswered
    },
    now: Date.now,
  }
  const store = createStore(() => undefined)
  store.dispatch({ kind: 'order', order: ORDER })
  const { url } = await answeringServer(async (_request, response) =>
    sendJson(response, { data: { startPayment: await answer() } }),
  )
  const endpoint = { url, authorization: 'Bearer t' }
  return {
    store,
    checkout: createCheckout(store, endpoint, watch),
    confirmed: () => confirmed,
    screen: () => screenOf(store.state()),
    isAsked: () => callBack !== undefined,
    hint: (words: string) => callBack?.({ err_msg: `get_brand_wcpay_request:${words}` }),
  }
}

test.each([
  ['ok', 'confirming'],
  ['cancel', 'cancelled'],
  ['fail', 'failed'],
])('whatever the phone says (%s), the gateway is asked', async (words, expected) => {
  const { checkout, isAsked, hint, confirmed, screen } = await openPage()
  const paying = checkout.pay()
  await expect.poll(isAsked).toBe(true)
  expect([screen(), confirmed()]).toEqual(['paying', 0])
  hint(words)
  await paying
  expect([screen(), confirmed()]).toEqual([expected, 1])
})

test('an ok that comes after a cancel counts, and the gateway is asked again', async () => {
  const { checkout, isAsked, hint, confirmed, screen } = await openPage()
  const paying = checkout.pay()
  await expect.poll(isAsked).toBe(true)
  hint('cancel')
  await paying
  hint('ok')
  expect([screen(), confirmed()]).toEqual(['confirming', 2])
})

test('a payer whose order was paid meanwhile is not asked to pay', async () => {
  let go: (() => void) | undefined
  const { checkout, store, isAsked, screen } = await openPage(
    () => new Promise((resolve) => void (go = () => resolve(STARTED))),
  )
  const paying = checkout.pay()
  await expect.poll(() => go).toBeDefined()
  store.dispatch({ kind: 'order', order: { ...ORDER, status: 'PAID', seq: 3 } })
  go?.()
  // Were the phone asked, `pay` would wait for what it says.
  await Promise.race([paying, vi.waitUntil(isAsked, { timeout: 20_000 })])
  expect([screen(), isAsked()]).toEqual(['paid', false])
})

test('a link that is refused at the start of a payment is said to be', async () => {
  const { checkout, screen } = await openPage(async () => ({ __typename: 'NotFound' }))
  await checkout.pay()
  expect(screen()).toBe('invalid')
})

test('the order that comes with a problem is shown', async () => {
  const order = {
    id: 'o1',
    outTradeNo: 'T1',
    description: 'tea',
    seq: 3,
    status: 'PAID',
    amount: { total: 100, currency: 'CNY' },
    expiresAt: '2030-01-01T00:00:00Z',
  }
  const { checkout, screen } = await openPage(async () => ({ __typename: 'OrderNotPayable', order }))
  await checkout.pay()
  expect(screen()).toBe('paid')
})

test('what cannot be paid any more by the time of the gateway is not begun', async () => {
  const { checkout, store, screen, isAsked } = await openPage()
  store.setClock(ORDER.expiresAtMs + 1)
  await Promise.race([checkout.pay(), vi.waitUntil(isAsked, { timeout: 20_000 })])
  expect([screen(), isAsked()]).toEqual(['expired', false])
})

test.each([
  [true, 'waiting'],
  [false, 'paying'],
])('to check again frees the payer when there was an answer (%s)', async (isAnswered, expected) => {
  const { checkout, isAsked, screen } = await openPage(undefined, isAnswered)
  void checkout.pay()
  await expect.poll(isAsked).toBe(true)
  await checkout.checkAgain()
  expect(screen()).toBe(expected)
})
