import { describe, expect, it } from 'vitest'
import type { Simulator } from './simulator.ts'
import { merchant, placeOrder, startSimulator, until } from './testing/merchant.ts'
import { openNotification, startReceiver } from './testing/receiver.ts'

const ref = { mchId: merchant.mchId, outTradeNo: 'T20260101000001' }

const settled = (simulator: Simulator): Promise<void> =>
  until(simulator, () => simulator.notifications().every(({ state }) => state !== 'PENDING'))

async function payFor(simulator: Simulator, notifyUrl: string): Promise<string> {
  await placeOrder(simulator, { notify_url: notifyUrl, attach: 'shelf 3' })
  return (await simulator.pay(ref)).notificationId
}

describe('a payment', () => {
  it('is told to the merchant, who can verify and open it with code of another maker', async () => {
    const receiver = await startReceiver([204])
    const simulator = await startSimulator()
    const id = await payFor(simulator, receiver.url)
    await settled(simulator)
    const [received] = receiver.received
    expect(received?.headers).toMatchObject({
      'content-type': 'application/json',
      'wechatpay-signature-type': 'WECHATPAY2-SHA256-RSA2048',
      'request-id': expect.stringMatching(/-0$/) as string,
    })
    if (!received) throw new Error('nothing arrived')
    const opened = openNotification(received, simulator.platformKey, merchant.apiV3Key)
    expect(opened).toMatchObject({
      id,
      eventType: 'TRANSACTION.SUCCESS',
      resource: {
        mchid: merchant.mchId,
        out_trade_no: ref.outTradeNo,
        transaction_id: simulator.orders()[0]?.transactionId,
        trade_state: 'SUCCESS',
        attach: 'shelf 3',
        payer: { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
        amount: { total: 1, payer_total: 1, currency: 'CNY', payer_currency: 'CNY' },
        success_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00$/) as string,
      },
    })
    expect(simulator.notifications()).toMatchObject([{ state: 'DELIVERED', attempts: [{ status: 204 }] }])
  })
})

describe('a notification that is not accepted', () => {
  it('is sent again on the schedule, with the same body and id under fresh signatures', async () => {
    const receiver = await startReceiver([500, 302, 404, 500, 200], '{"code":"FAIL","message":"not now"}')
    const simulator = await startSimulator({ notifyTimeFactor: 0.002 })
    await payFor(simulator, receiver.url)
    await settled(simulator)
    const { received } = receiver
    expect(received).toHaveLength(5)
    expect(new Set(received.map(({ body }) => body)).size).toBe(1)
    expect(new Set(received.map(({ headers }) => headers['wechatpay-nonce'])).size).toBe(5)
    expect(new Set(received.map(({ headers }) => headers['wechatpay-signature'])).size).toBe(5)
    for (const each of received) openNotification(each, simulator.platformKey, merchant.apiV3Key)
    const attempts = simulator.notifications()[0]?.attempts ?? []
    const times = attempts.map(({ at }) => new Date(at).getTime())
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0))
    for (const [index, shortest] of [30, 30, 60, 360].entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(shortest - 2)
    }
    expect(attempts.map(({ status }) => status)).toEqual([500, 302, 404, 500, 200])
    expect(attempts[0]).toMatchObject({ answer: '{"code":"FAIL","message":"not now"}', manual: false })
  })

  it('is given up after 15 re-sends, and can still be sent by hand', async () => {
    const receiver = await startReceiver([...Array.from({ length: 16 }, () => 500), 204], 'x'.repeat(5000))
    const simulator = await startSimulator({ notifyTimeFactor: 0 })
    const id = await payFor(simulator, receiver.url)
    await settled(simulator)
    const [given] = simulator.notifications()
    expect(given).toMatchObject({ state: 'GAVE_UP', scheduledTries: 16 })
    expect(given?.attempts[0]?.answer).toHaveLength(200)
    const answer = await fetch(`${simulator.url}/sandbox/notifications/${id}/redeliver`, { method: 'POST' })
    expect(await answer.json()).toMatchObject({ status: 204, manual: true })
    expect(simulator.notifications()).toMatchObject([{ state: 'DELIVERED' }])
  })

  it('says so when nobody listens, and stops trying when the simulator closes', async () => {
    const simulator = await startSimulator()
    await payFor(simulator, 'http://127.0.0.1:1/notify')
    await until(simulator, () => simulator.notifications()[0]?.attempts.length === 1)
    const [waiting] = simulator.notifications()
    expect(waiting?.state).toBe('PENDING')
    expect(waiting?.attempts[0]?.error).toContain('ECONNREFUSED')
    expect(waiting?.attempts[0]).not.toHaveProperty('status')
    await simulator.close()
    expect(simulator.notifications()[0]?.attempts).toHaveLength(1)
  })
})
