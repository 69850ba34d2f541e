import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { createHub } from '../../src/live/hub.ts'
import { close, loseNotifications, payAtPlatform } from '../../test/support/asking.ts'
import { openGateway } from '../../test/support/gateway.ts'
// Declares what the suite provides to the support of its tests.
import '../../test/support/global-setup.ts'
import { openNetwork, type Traffic } from '../../test/support/network.ts'
import { paidNotice, post } from '../../test/support/notification.ts'
import { createdOrder, payableOrder, readOrder } from '../../test/support/orders.ts'
import { payer, startPayment } from '../../test/support/payments.ts'
import { type WatchedOrder, watchOrder, type WatchOptions } from './index.ts'

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

  test('money that arrives after the order was closed is told', async () => {
    const { page, gateway, network, order } = await openWatch(blocked)
    await page.online(way)
    await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-1') })
    await close(gateway, order.id)
    await expect.poll(() => page.orders.at(-1)).toMatchObject({ status: 'CLOSED', closeReason: 'MERCHANT' })
    network.cut()
    expect(page.ends).toEqual([])
    await payAtPlatform(gateway, order, { evenIfClosed: true })
    await expect.poll(() => page.ends, { timeout: 15_000 }).toEqual(['paid'])
    expect(page.orders.at(-1)).toMatchObject({ status: 'PAID', closeReason: null })
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

describe('an order that was closed', () => {
  test('is watched for a while, and then no more', async () => {
    const { page, hub, gateway, order } = await openWatch([], { closedGraceMs: 1 })
    await page.online('websocket')
    await close(gateway, order.id)
    await expect.poll(() => page.ends).toEqual(['closed'])
    await expect.poll(() => hub.size).toBe(0)
    expect(page.seqs()).toEqual([1, 2])
    await expect(page.watch.refresh()).resolves.toBe(true)
    expect(page.ends).toEqual(['closed'])
  })

  test('is watched no more once that is asked for', async () => {
    const { page, hub, gateway, order } = await openWatch([])
    await page.online('websocket')
    await close(gateway, order.id)
    await expect.poll(() => page.seqs()).toEqual([1, 2])
    page.watch.stop()
    await expect.poll(() => hub.size).toBe(0)
    expect(page.ends).toEqual([])
  })

  test('is not given up as long as the gateway cannot be asked', async () => {
    const { page, network, gateway, order } = await openWatch([], { closedGraceMs: 1 })
    await page.online('websocket')
    network.block('http')
    await close(gateway, order.id)
    const asked = () => network.requests.filter(({ traffic }) => traffic === 'http').length
    await expect.poll(asked).toBeGreaterThan(3)
    expect(page.ends).toEqual([])
    network.block()
    await expect.poll(() => page.ends).toEqual(['closed'])
  })

  test('holds no connection while nobody looks, and is asked for when somebody does again', async () => {
    const show = hidePage()
    const { page, hub, gateway, order } = await openWatch([], { closedGraceMs: 1 })
    await page.online('websocket')
    await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-1') })
    await close(gateway, order.id)
    await expect.poll(() => hub.size).toBe(0)
    await payAtPlatform(gateway, order, { evenIfClosed: true })
    await expect.poll(async () => (await readOrder(gateway, order.id)).status).toBe('PAID')
    expect([page.ends, page.orders.at(-1)?.status]).toEqual([[], 'CLOSED'])
    show()
    await expect.poll(() => page.ends).toEqual(['paid'])
  })
})

test('an order that stays closed is given up once somebody has looked again', async () => {
  const show = hidePage()
  const { page, hub, gateway, order } = await openWatch([], { closedGraceMs: 1 })
  await page.online('websocket')
  await close(gateway, order.id)
  await expect.poll(() => hub.size).toBe(0)
  expect(page.ends).toEqual([])
  show()
  await expect.poll(() => page.ends).toEqual(['closed'])
})

test('what is said of the connection is said once, until it is another', async () => {
  const { page, network } = await openWatch([])
  await page.online('websocket')
  network.block('websocket', 'sse', 'long-poll', 'http')
  network.cut()
  const refused = () => network.requests.filter(({ traffic }) => traffic === 'websocket').length
  await expect.poll(refused).toBeGreaterThan(2)
  network.block()
  await expect.poll(() => page.connections.at(-1)?.[0]).toBe('online')
  const said = page.connections.map((now) => now.join(' '))
  expect(said.filter((now, index) => now === said[index - 1])).toEqual([])
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

test.each([-3_600_000, 3_600_000])(
  "the gateway's clock is known, also when it is %i ms ahead",
  async (aheadMs) => {
    const { page } = await openWatch([], {}, aheadMs)
    await page.online('websocket')
    const foundMs = page.watch.now() - Date.now()
    // The header has whole seconds, and a busy machine may stand still before the answer is read.
    expect(Math.abs(foundMs - aheadMs)).toBeLessThan(60_000)
  },
)

test('a payment that cannot be confirmed now is read from the gateway', async () => {
  const { page, gateway, order } = await openWatch([])
  await page.online('websocket')
  await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-1') })
  await expect.poll(() => page.seqs()).toEqual([1, 2])
  gateway.simulator.faults.add({ kind: 'drop-before', times: 'always', target: { call: 'query' } })
  await expect(page.watch.confirm()).resolves.toBe(true)
  expect(page.ends).toEqual([])
})

async function openWatch(
  blocked: readonly Traffic[],
  options: Pick<WatchOptions, 'closedGraceMs'> = {},
  clockAheadMs = 0,
) {
  const hub = createHub()
  const gateway = await openGateway({ hub })
  const { order, accessToken } = await createdOrder(gateway)
  const network = await openNetwork(gateway.url)
  network.block(...blocked)
  network.shiftClock(clockAheadMs)
  return {
    hub,
    gateway,
    order,
    network,
    page: watching({ url: network.url, token: accessToken, ...options }),
  }
}

/** A page that nobody looks at until the returned function is called. */
function hidePage(): () => void {
  const page = Object.assign(new EventTarget(), { visibilityState: 'hidden' })
  vi.stubGlobal('document', page)
  vi.stubGlobal('window', new EventTarget())
  return () => {
    page.visibilityState = 'visible'
    page.dispatchEvent(new Event('visibilitychange'))
  }
}

function watching(where: Pick<WatchOptions, 'url' | 'token' | 'orderId' | 'closedGraceMs'>) {
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
    connections,
    connection: () => connections.at(-1)?.[0],
    online: (way: string) =>
      expect.poll(() => connections.at(-1), { timeout: 10_000 }).toEqual(['online', way]),
  }
}
