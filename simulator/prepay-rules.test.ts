import { describe, expect, it } from 'vitest'
import { call, merchant, placeOrder, prepayBody, shareSimulator, startSimulator } from './testing/merchant.ts'
import type { PlatformAnswer } from './testing/merchant.ts'
import type { Simulator } from './simulator.ts'

const prepay = (simulator: Simulator, change: Readonly<Record<string, unknown>>): Promise<PlatformAnswer> =>
  call(simulator, { method: 'POST', path: '/v3/pay/transactions/jsapi', body: prepayBody(change) })
const ref = { mchId: merchant.mchId, outTradeNo: 'T20260101000001' }
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString()

describe('a prepay request', () => {
  const wrong = [
    ['a field that the API does not know', { price: 1 }, '/price'],
    ['an unknown field further in', { amount: { total: 1, tax: 0 } }, '/amount/tax'],
    ['an amount of nothing', { amount: { total: 0 } }, '/amount/total'],
    ['an amount with a fraction', { amount: { total: 1.5 } }, '/amount/total'],
    ['an amount as text', { amount: { total: '1' } }, '/amount/total'],
    ['another currency', { amount: { total: 1, currency: 'USD' } }, '/amount/currency'],
    ['no payer', { payer: {} }, '/payer/openid'],
    ['a description of 128 bytes', { description: 'x'.repeat(128) }, '/description'],
    ['a description of 43 Chinese characters', { description: '茶'.repeat(43) }, '/description'],
    ['an attach of 129 bytes', { attach: '茶'.repeat(43) }, '/attach'],
    ['an emoji', { description: 'tea 🍵' }, '/description'],
    ['an order number of 5 characters', { out_trade_no: 'T0001' }, '/out_trade_no'],
    ['an order number with a space', { out_trade_no: 'T0001 02' }, '/out_trade_no'],
    ['a notify_url with a query', { notify_url: 'https://a.example/n?x=1' }, '/notify_url'],
    ['a notify_url that is relative', { notify_url: '/notify' }, '/notify_url'],
    ['a notify_url of 256 characters', { notify_url: `https://a.example/${'x'.repeat(238)}` }, '/notify_url'],
    ['an end that is past', { time_expire: '2020-01-01T00:00:00+08:00' }, '/time_expire'],
    ['an end more than 90 days ahead', { time_expire: inDays(91) }, '/time_expire'],
    ['an end without a time zone', { time_expire: '2099-01-01T00:00:00' }, '/time_expire'],
    ['a merchant that did not sign it', { mchid: '1900000110' }, '/mchid'],
  ] as const

  const simulatorOf = shareSimulator()

  it.each(wrong)('is refused for %s', async (_what, change, field) => {
    const simulator = simulatorOf()
    const answer = await prepay(simulator, change)
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'PARAM_ERROR', detail: { field, location: 'body', issue: expect.any(String) as string } },
    })
    expect(answer.body).toHaveProperty('detail.value')
    expect(simulator.orders()).toHaveLength(0)
  })

  it('is refused for an appid that is not bound to the merchant', async () => {
    const simulator = simulatorOf()
    const answer = await prepay(simulator, { appid: 'wx0000000000000000' })
    expect(answer).toMatchObject({ status: 400, body: { code: 'APPID_MCHID_NOT_MATCH' } })
  })

  it('is accepted with every optional field', async () => {
    const simulator = simulatorOf()
    const answer = await prepay(simulator, {
      out_trade_no: 'a_-|*1',
      time_expire: inDays(1),
      attach: 'shelf 3',
      goods_tag: 'WXG',
      support_fapiao: false,
      amount: { total: 2_147_483_647 },
      detail: { cost_price: 1, goods_detail: [{ merchant_goods_id: '1', quantity: 1, unit_price: 1 }] },
      scene_info: { payer_client_ip: '::1', store_info: { id: '7' } },
      settle_info: { profit_sharing: false },
      limit_pay: ['no_credit'],
      payer: { openid: 'o-1', identity: { type: 'IDCARD', number: 'MTIz', name: '5byg' } },
      subsidy_info: {
        subsidy_detail: [
          {
            subsidy_period_type: 'PERIOD',
            subsidy_plan: [{ subsidy_installment_num: 3, subsidy_percent: 100 }],
          },
        ],
      },
    })
    expect(answer.status).toBe(200)
  })

  it('has its end raised to a minute from now', async () => {
    const now = new Date('2026-01-01T00:00:00.000Z')
    const simulator = await startSimulator({ now: () => now })
    const skew = { clockSkew: Math.floor((now.getTime() - Date.now()) / 1000) }
    const body = prepayBody({ time_expire: '2026-01-01T08:00:10+08:00' })
    await call(simulator, { method: 'POST', path: '/v3/pay/transactions/jsapi', body }, skew)
    expect(simulator.orders()).toMatchObject([{ timeExpire: '2026-01-01T00:01:00.000Z' }])
  })
})

describe('an order number used again', () => {
  it('gives a new prepay_id for the same parameters in any order', async () => {
    const simulator = await startSimulator()
    const first = await placeOrder(simulator, { amount: { total: 1, currency: 'CNY' } })
    const second = await placeOrder(simulator, { amount: { total: 1 } })
    expect(second).not.toBe(first)
    expect(simulator.orders()).toHaveLength(1)
  })

  it('is refused with other parameters', async () => {
    const simulator = await startSimulator()
    await placeOrder(simulator)
    const answer = await prepay(simulator, { amount: { total: 2 } })
    expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } })
    expect(simulator.orders()).toMatchObject([{ total: 1 }])
  })

  it('is refused once paid, for closing too', async () => {
    const simulator = await startSimulator()
    await placeOrder(simulator)
    await simulator.pay(ref)
    expect(await prepay(simulator, {})).toMatchObject({ status: 400, body: { code: 'ORDERPAID' } })
    const path = '/v3/pay/transactions/out-trade-no/T20260101000001/close'
    const body = { mchid: merchant.mchId }
    const answer = await call(simulator, { method: 'POST', path, body })
    expect(answer).toMatchObject({ status: 400, body: { code: 'ORDERPAID' } })
  })
})
