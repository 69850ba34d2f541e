import { expect, it } from 'vitest'
import { merchant, placeOrder, startSimulator } from './testing/merchant.ts'

const openid = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'
const payPath = `/sandbox/orders/${merchant.mchId}/T20260101000001/pay`

it('pays an order by HTTP, once', async () => {
  const simulator = await startSimulator()
  await placeOrder(simulator)
  const pay = (): Promise<Response> => fetch(`${simulator.url}${payPath}`, { method: 'POST' })
  expect(await (await pay()).json()).toEqual({
    transactionId: simulator.orders()[0]?.transactionId,
    notificationId: simulator.notifications()[0]?.id,
  })
  expect((await pay()).status).toBe(400)
})

it('does not know orders and notifications that are not there', async () => {
  const simulator = await startSimulator()
  for (const path of [
    payPath,
    '/sandbox/orders/1/T20260101000001/pay',
    '/sandbox/notifications/1/redeliver',
  ]) {
    expect((await fetch(`${simulator.url}${path}`, { method: 'POST' })).status).toBe(404)
  }
})

it('shows its state without keys, bodies or whole openids', async () => {
  const simulator = await startSimulator()
  await placeOrder(simulator)
  await simulator.pay({ mchId: merchant.mchId, outTradeNo: 'T20260101000001' })
  const text = await (await fetch(`${simulator.url}/sandbox/state`)).text()
  expect(JSON.parse(text)).toMatchObject({
    platform: { publicKeyId: simulator.platformKey.id, signWith: 'public-key', timeFactor: 1 },
    merchants: [{ mchId: merchant.mchId, name: 'Acme Tea' }],
    orders: [{ outTradeNo: 'T20260101000001', state: 'SUCCESS', openid: 'oUp…S6o' }],
    notifications: [{ outTradeNo: 'T20260101000001', eventType: 'TRANSACTION.SUCCESS' }],
  })
  for (const secret of [openid, merchant.apiV3Key, 'PRIVATE KEY', 'ciphertext', 'fingerprint']) {
    expect(text).not.toContain(secret)
  }
})

it('streams its state at once and after each change, and closes in spite of listeners', async () => {
  const simulator = await startSimulator()
  const response = await fetch(`${simulator.url}/sandbox/events`)
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  expect((await reader?.read())?.value).toContain('"orderCount":0')
  await placeOrder(simulator)
  expect((await reader?.read())?.value).toContain('"orderCount":1')
  await simulator.close()
  await expect(reader?.read()).rejects.toThrow('terminated')
})

it('answers the page with its files, or says how to build it', async () => {
  const simulator = await startSimulator()
  const response = await fetch(`${simulator.url}/`)
  const text = await response.text()
  const isBuilt = response.status === 200
  if (!isBuilt) expect([response.status, text]).toEqual([503, expect.stringContaining('npm run build')])
  for (const [path] of text.matchAll(/\/assets\/simulator\/[\w./-]+/g)) {
    expect((await fetch(`${simulator.url}${path}`)).status, path).toBe(200)
  }
  expect((await fetch(`${simulator.url}/assets/simulator/..%2f..%2fpackage.json`)).status).toBe(404)
})

it('offers the bridge script to pages on any origin', async () => {
  const simulator = await startSimulator()
  const script = await fetch(`${simulator.url}/client/weixin-js-bridge.js`)
  expect(script.status).toBe(200)
  expect(script.headers.get('access-control-allow-origin')).toBe('*')
  expect(script.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
  expect(script.headers.get('content-type')).toContain('text/javascript')
})
