import { describe, expect, it } from 'vitest'
import type { Simulator } from './simulator.ts'
import { call, invocation, merchant, placeOrder, shareSimulator, startSimulator } from './testing/merchant.ts'
import { startReceiver } from './testing/receiver.ts'

type Answer = { readonly status: number; readonly body: Readonly<Record<string, unknown>> }

async function post(simulator: Simulator, path: string, body: unknown): Promise<Answer> {
  const response = await fetch(`${simulator.url}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Origin: 'https://shop.example' },
    body: JSON.stringify(body),
  })
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const openCashier = (simulator: Simulator, parameters: unknown): Promise<Answer> =>
  post(simulator, '/client/cashier', parameters)
const pay = (simulator: Simulator, token: unknown): Promise<Answer> =>
  post(simulator, '/client/pay', { token })
const ref = { mchId: merchant.mchId, outTradeNo: 'T20260101000001' }

describe('the cashier', () => {
  it('shows the bill for good parameters, takes the money once and tells the merchant', async () => {
    const receiver = await startReceiver([204])
    const simulator = await startSimulator()
    const parameters = invocation(await placeOrder(simulator, { notify_url: receiver.url }))
    const { status, body } = await openCashier(simulator, parameters)
    const { token, ...bill } = body
    expect(status).toBe(200)
    expect(bill).toEqual({
      merchantName: 'Acme Tea',
      description: 'Jasmine tea 茉莉花茶',
      total: 1,
      currency: 'CNY',
    })
    expect(await pay(simulator, token)).toEqual({ status: 200, body: { result: 'ok' } })
    expect(await pay(simulator, token)).toMatchObject({ status: 400, body: { code: 'ORDERPAID' } })
    expect(await openCashier(simulator, parameters)).toMatchObject({ body: { code: 'ORDERPAID' } })
    expect(simulator.orders()).toMatchObject([{ state: 'SUCCESS' }])
    expect(simulator.notifications()).toHaveLength(1)
  })

  it('refuses a prepay_id after two hours, an order past its end, and a token it never gave', async () => {
    let now = Date.now()
    const simulator = await startSimulator({ now: () => new Date(now) })
    const end = new Date(now + 3 * 3_600_000).toISOString()
    const parameters = invocation(await placeOrder(simulator, { time_expire: end }))
    const token = (await openCashier(simulator, parameters)).body['token']
    now += 7_200_000
    expect(await openCashier(simulator, parameters)).toMatchObject({ body: { code: 'PREPAY_ID_EXPIRED' } })
    expect(await pay(simulator, token)).toMatchObject({ status: 400, body: { code: 'INVALID_TOKEN' } })
    now += 3_600_000
    await expect(simulator.pay(ref)).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
  })

  it('refuses an order that was closed while the payer looked at the bill', async () => {
    const simulator = await startSimulator()
    const opened = await openCashier(simulator, invocation(await placeOrder(simulator)))
    const path = '/v3/pay/transactions/out-trade-no/T20260101000001/close'
    await call(simulator, { method: 'POST', path, body: { mchid: merchant.mchId } })
    const answer = await pay(simulator, opened.body['token'])
    expect(answer).toMatchObject({ status: 400, body: { code: 'ORDER_CLOSED' } })
  })

  it('lets pages on any origin ask before they post', async () => {
    const simulator = await startSimulator()
    const answer = await fetch(`${simulator.url}/client/pay`, { method: 'OPTIONS' })
    expect(answer.status).toBe(204)
    expect(answer.headers.get('access-control-allow-headers')).toBe('Content-Type')
  })
})

describe('a page that hands over the wrong parameters', () => {
  const simulatorOf = shareSimulator()
  const spoilt = [
    ['the nonce is not the signed one', { nonceStr: 'another' }, 'SIGN_ERROR'],
    ['the signature is not one', { paySign: 'AAAA' }, 'SIGN_ERROR'],
    ['the appid is another', { appId: 'wx0000000000000000' }, 'SIGN_ERROR'],
    ['the prepay_id is unknown', { package: 'prepay_id=wx0' }, 'PREPAY_ID_INVALID'],
    ['the package lacks its prefix', { package: 'wx0' }, 'PARAM_ERROR'],
    ['the sign type is another', { signType: 'MD5' }, 'PARAM_ERROR'],
    ['the time is a number', { timeStamp: 1_767_196_800 }, 'PARAM_ERROR'],
  ] as const

  it.each(spoilt)('is refused when %s', async (_what, change, code) => {
    const simulator = simulatorOf()
    const parameters = { ...invocation(await placeOrder(simulator)), ...change }
    const { status, body } = await openCashier(simulator, parameters)
    expect({ status, code: body['code'] }).toEqual({ status: 400, code })
    expect(simulator.orders()).toMatchObject([{ state: 'NOTPAY' }])
  })
})
