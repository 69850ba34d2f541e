import { describe, expect, test } from 'vitest'
import { databaseAt, lookInto } from '../support/database.ts'
import { payByNotification, readFeed } from '../support/feed.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { createdOrder } from '../support/orders.ts'
import { hasRedis, openRedis } from '../support/redis.ts'

const NEVER = 3_600_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const SKEWS = [-HOUR_MS, -MINUTE_MS, MINUTE_MS, HOUR_MS]

function wrongClock(ms: number) {
  let ahead = ms
  return { now: () => new Date(Date.now() + ahead), step: (by: number) => void (ahead += by) }
}

/** Where a process hears of what another one wrote: with Redis it never looks, without it nothing but a look finds it. */
async function waysOf(transport: 'hints' | 'looks') {
  if (transport === 'looks') return { redisUrl: null, reconcilePauseMs: 20 }
  return { redisUrl: (await openRedis()).url, reconcilePauseMs: NEVER }
}

/** Two processes on one database: one is read, the other one writes, and each has a clock of its own. */
async function twoClocks(
  transport: 'hints' | 'looks',
  { reader, writer }: { readonly reader: () => Date; readonly writer: () => Date },
) {
  const here = await openGateway({ ...(await waysOf(transport)), now: reader })
  const database = await databaseAt(here.databaseUri)
  const { url, parts } = await openGateway({ ...here.parts, database, now: writer, publicUrl: here.url })
  return { here, there: { ...here, url, parts } }
}

/** An order of two events, both of the process that writes. */
async function paidOrder(there: TestGateway): Promise<string> {
  const { order } = await createdOrder(there)
  await payByNotification(there, order)
  return order.id
}

async function paidOrders(there: TestGateway): Promise<readonly string[]> {
  const ids: string[] = []
  for (let count = 0; count < 4; count += 1) ids.push(await paidOrder(there))
  return ids
}

/** Makes of a stored order what a version before the shared clock would have stored. */
async function storedByEarlierVersion(uri: string, id: string, recordedAt: Date): Promise<void> {
  await lookInto(uri, async (database) => {
    const orders = database.collection<{ _id: string }>('orders')
    await orders.updateOne(
      { _id: id },
      {
        $set: { updatedAt: recordedAt, 'events.$[].recordedAt': recordedAt },
        $unset: { storedAt: 1, 'events.$[].storedAt': 1 },
      },
    )
  })
}

const EACH_ONCE = Array.from({ length: 4 }, () => [1, 2])

describe.each(['looks', 'hints'] as const)('by %s', (transport) => {
  const isPossible = transport === 'looks' || hasRedis

  test.runIf(isPossible).each(SKEWS)(
    'every event is told once and in order, when the clock of its writer is %i ms ahead',
    async (ahead) => {
      const { here, there } = await twoClocks(transport, {
        reader: () => new Date(),
        writer: wrongClock(ahead).now,
      })
      const old = await createdOrder(there)
      const feed = await readFeed(here, undefined, [here, there])
      const ids = await paidOrders(there)
      await payByNotification(there, old.order)
      await expect.poll(() => [...ids, old.order.id].map(feed.of)).toEqual([...EACH_ONCE, [2]])
    },
  )

  test.runIf(isPossible).each(SKEWS)(
    'every event is told once and in order, when the clock of the reader is %i ms ahead',
    async (ahead) => {
      const { here, there } = await twoClocks(transport, {
        reader: wrongClock(ahead).now,
        writer: () => new Date(),
      })
      const feed = await readFeed(here, undefined, [here, there])
      const ids = await paidOrders(there)
      await expect.poll(() => ids.map(feed.of)).toEqual(EACH_ONCE)
    },
  )

  test.runIf(isPossible).each(SKEWS)(
    'of what happened before nothing is told, when the clock of its writer is %i ms ahead',
    async (ahead) => {
      const { here, there } = await twoClocks(transport, {
        reader: () => new Date(),
        writer: wrongClock(ahead).now,
      })
      const before = await paidOrders(there)
      const unpaid = await createdOrder(there)
      const feed = await readFeed(here, undefined, [here, there])
      await payByNotification(there, unpaid.order)
      const after = await paidOrders(there)
      await expect.poll(() => [unpaid.order.id, ...after].map(feed.of)).toEqual([[2], ...EACH_ONCE])
      expect(before.flatMap(feed.of)).toEqual([])
    },
  )

  test.runIf(isPossible)(
    'every event is told once and in order, while both clocks are being set',
    async () => {
      const [reader, writer] = [wrongClock(0), wrongClock(0)]
      const { here, there } = await twoClocks(transport, { reader: reader.now, writer: writer.now })
      const feed = await readFeed(here, undefined, [here, there])
      const ids: string[] = []
      for (const step of [HOUR_MS, -2 * HOUR_MS, MINUTE_MS, -MINUTE_MS]) {
        writer.step(step)
        ids.push(await paidOrder(there))
        reader.step(-step)
        ids.push(await paidOrder(there))
      }
      await expect.poll(() => ids.map(feed.of)).toEqual([...EACH_ONCE, ...EACH_ONCE])
    },
  )
})

test('of an order that an earlier version stored, the events that come after it are told', async () => {
  const here = await openGateway({ reconcilePauseMs: 20 })
  const there = await openGateway({ ...here.parts, database: await databaseAt(here.databaseUri) })
  const { order } = await createdOrder(here)
  await storedByEarlierVersion(here.databaseUri, order.id, new Date(Date.now() - MINUTE_MS))
  const feed = await readFeed(here)
  await payByNotification({ ...here, url: there.url }, order)
  await expect.poll(() => feed.of(order.id)).toEqual([2])
})
