import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { createHub } from '../../src/live/hub.ts'
import { loseNotifications, payAtPlatform } from '../../test/support/asking.ts'
import { openGateway } from '../../test/support/gateway.ts'
// Declares what the suite provides to the support of its tests.
import '../../test/support/global-setup.ts'
import { openNetwork, type Traffic } from '../../test/support/network.ts'
import { paidNotice, post } from '../../test/support/notification.ts'
import { createdOrder, payableOrder } from '../../test/support/orders.ts'
import { payer, startPayment } from '../../test/support/payments.ts'
import { type WatchedOrder, watchOrder } from './index.ts'

/** What the network lets through, best first. */
const WAYS: readonly (readonly [name: string, blocked: readonly Traffic[]])[] = [
  ['websocket', []],
  ['sse', ['websocket']],
  ['long-poll', ['websocket', 'sse']],
]

describe.each(WAYS)('over %s', (way, blocked) => {
  test('the order comes as it is, then after every change, until it is paid', async () => {
    const { page, gateway, network, order } = await openWatch(blocked)
    await page.online(way)
    await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-1') })
    await expect.poll(() => page.seqs()).toEqual([1, 2])
    await post(gateway, paidNotice(gateway, order))
    await expect.poll(() => page.ends).toEqual(['paid'])
    expect(page.seqs()).toEqual([1, 2, 3])
    expect(page.orders.at(-1)).toMatchObject({ status: 'PAID', amount: { total: 100, currency: 'CNY' } })
    expect(page.orders.at(-1)?.transactionId).toMatch(/^4200/)
    expect(network.requests.filter(({ traffic }) => traffic === way).length).toBeGreaterThan(0)
  })

  test('what happened while it was cut off is told once it is back, each thing once and in order', async () => {
    const { page, gateway, network, order } = await openWatch(blocked)
    await page.online(way)
    await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-1') })
    await expect.poll(() => page.seqs()).toEqual([1, 2])
    network.block('websocket', 'sse', 'long-poll', 'http')
    network.cut()
    await expect.poll(() => page.connection()).toBe('reconnecting')
    await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-2') })
    await post(gateway, paidNotice(gateway, order))
    network.block(...blocked)
    await expect.poll(() => page.ends, { timeout: 15_000 }).toEqual(['paid'])
    const seqs = page.seqs()
    expect(seqs).toEqual([...new Set(seqs)].toSorted((one, other) => one - other))
    expect(seqs.at(-1)).toBe(4)
  })

  test('a gateway that restarts is come back to, with the cursor', async () => {
    const { page, gateway, order } = await openWatch(blocked)
    await page.online(way)
    await gateway.stop()
    await expect.poll(() => page.connection()).toBe('reconnecting')
    const next = await openGateway({ ...gateway.parts, port: Number(new URL(gateway.url).port) })
    await post({ ...gateway, url: next.url }, paidNotice(gateway, order))
    await expect.poll(() => page.ends, { timeout: 15_000 }).toEqual(['paid'])
    expect(page.seqs()).toEqual([1, 2])
  })

  test('a token that expires ends it', async () => {
    const { page, gateway, network } = await openWatch(blocked)
    await page.online(way)
    gateway.advance(10 * 3_600_000)
    network.cut()
    await expect.poll(() => page.ends, { timeout: 10_000 }).toEqual(['refused'])
    expect(page.seqs()).toEqual([1])
  })

  test('stopping leaves no listener at the gateway', async () => {
    const { page, hub } = await openWatch(blocked)
    await page.online(way)
    await expect.poll(() => hub.size).toBe(1)
    page.watch.stop()
    await expect.poll(() => hub.size).toBe(0)
    expect(page.ends).toEqual([])
    await expect(page.watch.refresh()).resolves.toBe(false)
  })
})

test('over a WebSocket, a cut connection asks for what follows the newest event', async () => {
  const { page, gateway, network, order } = await openWatch([])
  await page.online('websocket')
  network.cut()
  await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-1') })
  await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-2') })
  await expect.poll(() => page.seqs()).toEqual([1, 2, 3])
})

test('an order that is paid already is told, and nothing is connected', async () => {
  const gateway = await openGateway()
  const { order, accessToken } = await payableOrder(gateway)
  await post(gateway, paidNotice(gateway, order))
  const network = await openNetwork(gateway.url)
  const page = watching({ url: network.url, token: accessToken })
  await expect.poll(() => page.ends).toEqual(['paid'])
  expect(page.orders).toMatchObject([{ id: order.id, status: 'PAID' }])
  expect(network.requests).toHaveLength(1)
})

test.each([
  ['a token that nobody issued', { token: 'x', orderId: 'ord_000000000000000000000000' }],
  ['an order that is not there', { token: '', orderId: 'ord_000000000000000000000000' }],
])('%s ends it', async (_, { token, orderId }) => {
  const gateway = await openGateway()
  const page = watching({ url: gateway.url, token: token || gateway.merchant.apiKey, orderId })
  await expect.poll(() => page.ends).toEqual(['refused'])
  expect(page.orders).toEqual([])
})

test("with a merchant's key the order is watched by its id", async () => {
  const gateway = await openGateway()
  const { order } = await payableOrder(gateway)
  const page = watching({ url: `${gateway.url}/graphql`, token: gateway.merchant.apiKey, orderId: order.id })
  await page.online('websocket')
  await post(gateway, paidNotice(gateway, order))
  await expect.poll(() => page.ends).toEqual(['paid'])
})

test('a payment that nobody told of is found by confirming', async () => {
  const { page, gateway, order } = await openWatch([])
  await page.online('websocket')
  loseNotifications(gateway)
  await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-1') })
  await payAtPlatform(gateway, order)
  await expect(page.watch.confirm()).resolves.toBe(true)
  expect(page.ends).toEqual(['paid'])
})

test('a gateway that cannot be reached is asked until it can', async () => {
  const { page, network, gateway, order } = await openWatch(['http', 'websocket', 'sse', 'long-poll'])
  await expect.poll(() => page.connection()).toBe('reconnecting')
  await expect(page.watch.confirm()).resolves.toBe(false)
  network.block()
  await page.online('websocket')
  await post(gateway, paidNotice(gateway, order))
  await expect.poll(() => page.ends).toEqual(['paid'])
})

test("the gateway's clock is known", async () => {
  const { page } = await openWatch([])
  await page.online('websocket')
  expect(Math.abs(page.watch.now() - Date.now())).toBeLessThan(2_000)
})

async function openWatch(blocked: readonly Traffic[]) {
  const hub = createHub()
  const gateway = await openGateway({ hub })
  const { order, accessToken } = await createdOrder(gateway)
  const network = await openNetwork(gateway.url)
  network.block(...blocked)
  return { hub, gateway, order, network, page: watching({ url: network.url, token: accessToken }) }
}

function watching(where: { readonly url: string; readonly token: string; readonly orderId?: string }) {
  vi.stubGlobal('WebSocket', WebSocket)
  onTestFinished(() => void vi.unstubAllGlobals())
  const orders: WatchedOrder[] = []
  const ends: string[] = []
  const connections: [connection: string, way: string | null][] = []
  const watch = watchOrder({
    ...where,
    onChange: (order) => orders.push(order),
    onConnection: (...now) => connections.push(now),
    onEnd: (why) => ends.push(why),
  })
  onTestFinished(() => watch.stop())
  return {
    watch,
    orders,
    ends,
    seqs: () => orders.map(({ seq }) => seq),
    connection: () => connections.at(-1)?.[0],
    online: (way: string) =>
      expect.poll(() => connections.at(-1), { timeout: 10_000 }).toEqual(['online', way]),
  }
}
