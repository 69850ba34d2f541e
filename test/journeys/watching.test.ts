import { EventEmitter, once } from 'node:events'
import { expect, test, vi } from 'vitest'
import { createHub, type Hub } from '../../src/live/hub.ts'
import type { Database } from '../../src/models/database.ts'
import { databaseAt, freshDatabaseUri } from '../support/database.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { graphqlOverWebsocket, subscriber } from '../support/graphql.ts'
import { paidNotice, post } from '../support/notification.ts'
import { createdOrder, payableOrder, readOrder, type OrderView } from '../support/orders.ts'
import { payer, startPayment } from '../support/payments.ts'
import { slowlyReadingGateway } from '../support/slow-reading.ts'
import { END, openSocket, seen, watch, watchWith } from '../support/watching.ts'

async function pay(gateway: TestGateway, order: OrderView): Promise<void> {
  expect(await post(gateway, paidNotice(gateway, order))).toMatchObject({ status: 204 })
}

/** Waits until so many orders have a watcher. */
async function watched(hub: Hub, orders: number): Promise<void> {
  await vi.waitFor(() => expect(hub.size).toBe(orders), { interval: 2, timeout: 5000 })
}

test('whoever comes after the payment is told at once, and that is all', async () => {
  const hub = createHub()
  const gateway = await openGateway({ hub })
  const { order, accessToken } = await payableOrder(gateway)
  await pay(gateway, order)
  const paid = watch(gateway, accessToken, { what: 'orderPaid', id: order.id })
  expect(await paid.next()).toEqual(seen('orderPaid', { id: order.id, seq: 3, status: 'PAID' }))
  expect(await paid.next()).toEqual(END)
  expect(hub.size).toBe(0)
})

test('orderPaid is silent about everything before the payment', async () => {
  const hub = createHub()
  const gateway = await openGateway({ hub })
  const { order, accessToken } = await createdOrder(gateway)
  const paid = watch(gateway, accessToken, { what: 'orderPaid', id: order.id })
  const first = paid.next()
  await watched(hub, 1)
  await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-1') })
  await post(gateway, paidNotice(gateway, order, { payment: { mchid: '1900000999' } }))
  await pay(gateway, order)
  expect(await first).toEqual(seen('orderPaid', { id: order.id, seq: 4, status: 'PAID' }))
  expect(await paid.next()).toEqual(END)
})

test('orderUpdated tells what is, and then every change, in order', async () => {
  const hub = createHub()
  const gateway = await openGateway({ hub })
  const { order, accessToken } = await createdOrder(gateway)
  const { id } = order
  const updates = watch(gateway, accessToken, { what: 'orderUpdated', id })
  expect(await updates.next()).toEqual(seen('orderUpdated', { id, seq: 1, status: 'CREATED' }))
  await startPayment(gateway, { orderId: id, payment: payer('o-payer-1') })
  expect(await updates.next()).toEqual(seen('orderUpdated', { id, seq: 2, status: 'PENDING' }))
  await startPayment(gateway, { orderId: id, payment: payer('o-payer-2') })
  expect(await updates.next()).toEqual(seen('orderUpdated', { id, seq: 3, status: 'PENDING' }))
  await pay(gateway, order)
  expect(await updates.next()).toEqual(seen('orderUpdated', { id, seq: 4, status: 'PAID' }))
  await pay(gateway, order)
  expect(await updates.next()).toEqual(seen('orderUpdated', { id, seq: 5, status: 'PAID' }))
})

test('orderUpdated never tells what is older than what it told, whatever happens at once', async () => {
  const hub = createHub()
  const gateway = await openGateway({ hub })
  const { order, accessToken } = await payableOrder(gateway)
  const updates = watch(gateway, accessToken, { what: 'orderUpdated', id: order.id })
  const payments = Array.from({ length: 12 }, () => pay(gateway, order))
  const told: number[] = []
  for await (const { data } of updates) {
    told.push(data?.orderUpdated.seq ?? Number.NaN)
    if (told.at(-1) === 2 + 12) break
  }
  await Promise.all(payments)
  expect(told).toEqual([...new Set(told)].sort((a, b) => a - b))
})

/** A database that reads an order, and gives it away when it is released. */
async function slowDatabase() {
  const database = await databaseAt(freshDatabaseUri())
  const gate = new EventEmitter()
  const released = once(gate, 'open')
  const byId = vi.fn(async (id: string) => {
    const order = await database.orders.byId(id)
    await released
    return order
  })
  const slow: Database = { ...database, orders: { ...database.orders, byId } }
  return { database: slow, byId, release: () => gate.emit('open') }
}

test('what was read before a change and comes after it is not told', async () => {
  const { database, release, byId } = await slowDatabase()
  const gateway = await openGateway({ database })
  const { order, accessToken } = await payableOrder(gateway)
  const updates = watch(gateway, accessToken, { what: 'orderUpdated', id: order.id })
  const first = updates.next()
  await vi.waitFor(() => expect(byId).toHaveBeenCalled(), { interval: 2, timeout: 5000 })
  await pay(gateway, order)
  release()
  expect(await first).toEqual(seen('orderUpdated', { id: order.id, seq: 3, status: 'PAID' }))
  await pay(gateway, order)
  expect(await updates.next()).toEqual(seen('orderUpdated', { id: order.id, seq: 4, status: 'PAID' }))
})

test('a payment in the moment of subscribing is not missed', async () => {
  const hub = createHub()
  const gateway = await openGateway({ hub })
  const client = subscriber(gateway.url, gateway.merchant.apiKey)
  for (let round = 0; round < 20; round += 1) {
    const { order } = await createdOrder(gateway)
    const paid = watchWith(client, 'orderPaid', order.id)
    const [first] = await Promise.all([paid.next(), pay(gateway, order)])
    expect(first).toEqual(seen('orderPaid', { id: order.id, seq: 2, status: 'PAID' }))
    expect(await paid.next()).toEqual(END)
  }
})

test('everybody who watches an order is told, and nobody who watches another', async () => {
  const hub = createHub()
  const gateway = await openGateway({ hub })
  const { order, accessToken } = await payableOrder(gateway)
  const other = await payableOrder(gateway)
  const shop = watch(gateway, gateway.merchant.apiKey, { what: 'orderPaid', id: order.id })
  const page = watch(gateway, accessToken, { what: 'orderPaid', id: order.id })
  const stranger = watch(gateway, other.accessToken, { what: 'orderPaid', id: other.order.id })
  const both = Promise.all([shop.next(), page.next()])
  const strangers = stranger.next()
  await watched(hub, 2)
  await pay(gateway, order)
  const told = seen('orderPaid', { id: order.id, seq: 3, status: 'PAID' })
  expect(await both).toEqual([told, told])
  await watched(hub, 1)
  await pay(gateway, other.order)
  expect(await strangers).toEqual(seen('orderPaid', { id: other.order.id, seq: 3, status: 'PAID' }))
  await watched(hub, 0)
})

test('nobody listens any more after unsubscribing, disconnecting or being refused', async () => {
  const hub = createHub()
  const gateway = await openGateway({ hub })
  const { order, accessToken } = await payableOrder(gateway)
  const updates = watch(gateway, accessToken, { what: 'orderUpdated', id: order.id })
  await updates.next()
  expect(hub.size).toBe(1)
  await updates.return?.()
  await watched(hub, 0)

  const client = subscriber(gateway.url, accessToken)
  await watchWith(client, 'orderUpdated', order.id).next()
  expect(hub.size).toBe(1)
  client.terminate()
  await watched(hub, 0)

  const query = 'subscription { orderUpdated(id: "ord_0123456789abcdef01234567") { id } }'
  const { errors } = await graphqlOverWebsocket(gateway.url, accessToken, { query })
  expect(errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }])
  expect(hub.size).toBe(0)
})

test('nobody listens any more after a connection that broke while the order was being read', async () => {
  const hub = createHub()
  const { gateway, holdUp } = await slowlyReadingGateway({ hub })
  const { order, accessToken } = await payableOrder(gateway)
  const payload = { query: `subscription { orderUpdated(id: "${order.id}") { id } }` }
  const letGo = holdUp()
  const socket = await openSocket(gateway)
  const authorization = `Bearer ${accessToken}`
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }))
  await once(socket, 'message')
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }))
  await watched(hub, 1)
  socket.terminate()
  await once(socket, 'close')
  letGo()
  await watched(hub, 0)
  expect(await readOrder(gateway, order.id)).toEqual(order)
})
