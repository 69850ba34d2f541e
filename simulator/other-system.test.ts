import { describe, expect, it } from 'vitest'
import type { PrepayElsewhere } from './other-system.ts'
import type { Simulator } from './simulator.ts'
import { call, merchant, placeOrder, prepayBody, startSimulator, until } from './testing/merchant.ts'
import { startReceiver } from './testing/receiver.ts'

const ref = { mchId: merchant.mchId, outTradeNo: 'T20260101000001' }
const request: PrepayElsewhere = { mchid: ref.mchId, out_trade_no: ref.outTradeNo }
const prepay = { method: 'POST', path: '/v3/pay/transactions/jsapi', body: prepayBody() } as const
const query = {
  method: 'GET',
  path: `/v3/pay/transactions/out-trade-no/${ref.outTradeNo}?mchid=${ref.mchId}`,
} as const

const send = ({ url }: Simulator, path: string, body: unknown): Promise<Response> =>
  fetch(`${url}/sandbox/orders${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
const forget = ({ url }: Simulator): Promise<Response> =>
  fetch(`${url}/sandbox/orders/${ref.mchId}/${ref.outTradeNo}`, { method: 'DELETE' })

describe('another system of the merchant', () => {
  it('opens an order by HTTP, whose number the merchant then finds used', async () => {
    const simulator = await startSimulator()
    const answer = await send(simulator, '', { ...request, amount: { total: 7 } })
    expect([answer.status, await answer.json()]).toMatchObject([
      201,
      { outTradeNo: ref.outTradeNo, total: 7, state: 'NOTPAY' },
    ])
    expect(await call(simulator, prepay)).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } })
    expect(await call(simulator, query)).toMatchObject({
      body: { trade_state: 'NOTPAY', amount: { total: 7 } },
    })
  })

  it('finds a number used that the merchant opened before, unless it asks for the same', async () => {
    const simulator = await startSimulator()
    await placeOrder(simulator)
    await expect(simulator.prepayElsewhere(request)).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
    await simulator.prepayElsewhere({ ...request, ...prepayBody() })
    expect(simulator.orders()).toHaveLength(1)
  })

  it('is paid at a moment in the past, and told of it itself', async () => {
    const receiver = await startReceiver([204])
    const simulator = await startSimulator()
    await simulator.prepayElsewhere(request)
    const paidAt = new Date(Math.floor(Date.now() / 1000) * 1000 - 7_200_000)
    const pay = await send(simulator, `/${ref.mchId}/${ref.outTradeNo}/pay`, { paidAt })
    expect(pay.status).toBe(200)
    await until(simulator, () => simulator.notifications()[0]?.state === 'DELIVERED')
    expect(receiver.received).toEqual([])
    const { body } = await call(simulator, query)
    const { success_time: successTime } = body as { readonly success_time: string }
    expect(Date.parse(successTime)).toBe(paidAt.getTime())
    expect(simulator.orders()).toMatchObject([
      { createdAt: paidAt.toISOString(), paidAt: paidAt.toISOString() },
    ])
    expect(await call(simulator, prepay)).toMatchObject({ body: { code: 'ORDERPAID' } })
  })

  it('cannot be paid in the future', async () => {
    const simulator = await startSimulator()
    await simulator.prepayElsewhere(request)
    const paidAt = new Date(Date.now() + 60_000)
    await expect(simulator.pay(ref, { paidAt })).rejects.toMatchObject({ code: 'PARAM_ERROR' })
    expect(simulator.orders()).toMatchObject([{ state: 'NOTPAY' }])
  })

  it.each([
    ['an unknown merchant', { ...request, mchid: '1' }, '/mchid'],
    ['no number', { mchid: ref.mchId }, '/out_trade_no'],
    ['an unknown field', { ...request, price: 1 }, '/price'],
  ])('is refused like a prepay call with %s', async (_what, body, field) => {
    const simulator = await startSimulator()
    const answer = await send(simulator, '', body)
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { code: 'PARAM_ERROR', detail: { field } },
    ])
  })
})

describe('a platform that forgets an order', () => {
  it('does not know its number, and opens it anew with any parameters', async () => {
    const simulator = await startSimulator()
    await placeOrder(simulator)
    const { transactionId } = await simulator.pay(ref)
    expect((await forget(simulator)).status).toBe(204)
    const unknown = { status: 404, body: { code: 'ORDER_NOT_EXIST' } }
    expect(await call(simulator, query)).toMatchObject(unknown)
    const body = { mchid: ref.mchId }
    const close = query.path.replace(/\?.*/, '/close')
    expect(await call(simulator, { method: 'POST', path: close, body })).toMatchObject(unknown)
    expect((await call(simulator, { ...prepay, body: prepayBody({ amount: { total: 9 } }) })).status).toBe(
      200,
    )
    const byId = `/v3/pay/transactions/id/${transactionId}?mchid=${ref.mchId}`
    expect(await call(simulator, { method: 'GET', path: byId })).toMatchObject(unknown)
  })

  it('cannot forget what it does not know', async () => {
    const simulator = await startSimulator()
    expect((await forget(simulator)).status).toBe(404)
  })
})
