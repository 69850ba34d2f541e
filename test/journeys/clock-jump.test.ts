import { expect, test } from 'vitest'
import { loseNotifications, openSweepingApp, payAtPlatform, readEnd } from '../support/asking.ts'
import { rowsOf } from '../support/database.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { createdOrder, payableOrder } from '../support/orders.ts'
import { recordedLog } from '../support/recorded-log.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const PATIENCE = { timeout: 40_000, interval: 50 }

async function nextCheckOf({ parts, merchant }: TestGateway, id: string): Promise<Date | undefined> {
  const far = new Date(parts.now().getTime() + 100 * DAY_MS)
  const due = await parts.database.orders.due(far, { limit: 100, merchants: [merchant.id] })
  return due.find(({ order }) => order.id === id)?.dueAt
}

/** An order that could be paid, whose next check a clock that is ahead of time has moved ahead by a day. */
async function putOffOrder(gateway: TestGateway) {
  loseNotifications(gateway)
  const expiresAt = new Date(gateway.parts.now().getTime() + 3 * DAY_MS).toISOString()
  const { order } = await payableOrder(gateway, { expiresAt })
  gateway.advance(DAY_MS)
  const aDayAhead = new Date(Date.now() + DAY_MS)
  const isAsked = async () => {
    const [{ nextCheckAt, askedAt, askedUntil } = {}] = await rowsOf(gateway.databaseUri, 'orders')
    return Number(nextCheckAt) > aDayAhead.getTime() && askedAt !== null && askedUntil === null
  }
  // What is asked at this moment is asked to its end: its last try must not find the payment.
  await expect.poll(isAsked, PATIENCE).toBe(true)
  await payAtPlatform(gateway, order)
  return order
}

test('a payment is found although the clock was a day ahead when its order was asked about', async () => {
  const { log, lines } = recordedLog()
  const gateway = await openGateway({ roundPauses: { orders: 20, inbox: HOUR_MS }, log })
  const order = await putOffOrder(gateway)
  gateway.advance(-DAY_MS)
  await expect.poll(async () => (await readEnd(gateway, order.id)).status, PATIENCE).toBe('PAID')
  expect(lines.filter(({ message }) => /set back|ahead of time/.test(message))).toMatchObject([
    { level: 'warn', fields: { seconds: DAY_MS / 1000 } },
    { level: 'warn', fields: { orders: 1 } },
  ])
})

test('it is also found when the process was started again before the clock was right', async () => {
  const gateway = await openGateway({ roundPauses: { orders: 20, inbox: HOUR_MS } })
  const order = await putOffOrder(gateway)
  await gateway.stop()
  gateway.advance(-DAY_MS)
  await openSweepingApp(gateway)
  const isPaid = async () => (await gateway.parts.database.orders.byId(order.id))?.status
  await expect.poll(isPaid, PATIENCE).toBe('PAID')
})

test('orders that wait for their schedule or their expiry are left alone at a start', async () => {
  const gateway = await openGateway()
  const expiresAt = new Date(gateway.parts.now().getTime() + 3 * DAY_MS).toISOString()
  const orders = [
    (await createdOrder(gateway, { expiresAt })).order,
    (await payableOrder(gateway, { expiresAt })).order,
    (await payableOrder(gateway)).order,
  ]
  const checks = () => Promise.all(orders.map(({ id }) => nextCheckOf(gateway, id)))
  const before = await checks()
  const recalled = await gateway.parts.database.orders.recall(
    gateway.parts.now(),
    { open: 600_000, ended: DAY_MS },
    [gateway.merchant.id],
  )
  expect([recalled, await checks()]).toEqual([0, before])
})
