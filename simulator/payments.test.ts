import { describe, expect, it } from 'vitest'
import type { Simulator } from './simulator.ts'
import { diagnose } from './testing/diagnosis.ts'
import { call, clientOf, merchant, placeOrder, startSimulator, until } from './testing/merchant.ts'
import { startReceiver } from './testing/receiver.ts'

const ref = { mchId: merchant.mchId, outTradeNo: 'T20260101000001' }
const query = `/v3/pay/transactions/out-trade-no/${ref.outTradeNo}?mchid=${ref.mchId}`

const payByHttp = (simulator: Simulator, terms: unknown): Promise<Response> =>
  fetch(`${simulator.url}/sandbox/orders/${ref.mchId}/${ref.outTradeNo}/pay`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(terms),
  })

async function closeOrder(simulator: Simulator): Promise<void> {
  const path = `/v3/pay/transactions/out-trade-no/${ref.outTradeNo}/close`
  const { status } = await call(simulator, { method: 'POST', path, body: { mchid: ref.mchId } })
  expect(status).toBe(204)
}

describe('a payment that comes late', () => {
  it('succeeds on a closed order when asked to, and is told and queried as any other', async () => {
    const receiver = await startReceiver([204])
    const simulator = await startSimulator()
    await placeOrder(simulator, { notify_url: receiver.url })
    await closeOrder(simulator)
    await expect(simulator.pay(ref)).rejects.toMatchObject({ code: 'ORDER_CLOSED' })
    const { transactionId } = await simulator.pay(ref, { evenIfClosed: true })
    await until(simulator, () => simulator.notifications()[0]?.state === 'DELIVERED')
    const paid = { transaction_id: transactionId, trade_state: 'SUCCESS' }
    expect((await clientOf(simulator).chain(query).get<unknown>()).data).toMatchObject(paid)
    await expect(simulator.pay(ref, { evenIfClosed: true })).rejects.toMatchObject({ code: 'ORDERPAID' })
  })

  it('succeeds past the end of the order when asked to, by HTTP', async () => {
    let now = Date.now()
    const simulator = await startSimulator({ now: () => new Date(now) })
    await placeOrder(simulator, { time_expire: new Date(now + 60_000).toISOString() })
    now += 3_600_000
    const refused = await payByHttp(simulator, {})
    expect([refused.status, await refused.json()]).toMatchObject([400, { code: 'INVALID_REQUEST' }])
    expect((await payByHttp(simulator, { evenIfClosed: true })).status).toBe(200)
    expect(simulator.orders()).toMatchObject([{ state: 'SUCCESS' }])
  })
})

describe('a payment with a coupon', () => {
  it('tells what was due, what the payer gave, and the coupon', async () => {
    const receiver = await startReceiver([204])
    const simulator = await startSimulator()
    await placeOrder(simulator, { notify_url: receiver.url, amount: { total: 100 } })
    expect((await payByHttp(simulator, { payerTotal: 90 })).status).toBe(200)
    await until(simulator, () => simulator.notifications()[0]?.state === 'DELIVERED')
    const [received] = receiver.received
    if (!received) throw new Error('nothing arrived')
    const { resource } = diagnose(received, simulator.platformKey, merchant.apiV3Key)
    expect(resource).toMatchObject({
      amount: { total: 100, payer_total: 90, currency: 'CNY', payer_currency: 'CNY' },
      promotion_detail: [{ amount: 10, scope: 'GLOBAL', type: 'CASH' }],
    })
    expect((await clientOf(simulator).chain(query).get<unknown>()).data).toEqual(resource)
  })

  it.each([{ payerTotal: 2 }, { payerTotal: -1 }, { payerTotal: 0.5 }, { payer: 1 }])(
    'is refused with %o for an order of 1 fen',
    async (terms) => {
      const simulator = await startSimulator()
      await placeOrder(simulator)
      const answer = await payByHttp(simulator, terms)
      expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'PARAM_ERROR' }])
      expect(simulator.orders()).toMatchObject([{ state: 'NOTPAY' }])
    },
  )
})
