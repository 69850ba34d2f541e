import { expect, test } from 'vitest'
import type { Database } from '../../src/models/database.ts'
import { close, notePlatformCalls } from '../support/asking.ts'
import { databaseAt, freshDatabaseUri, lookInto } from '../support/database.ts'
import { faultyDatabase, type DatabaseFault, type Document } from '../support/faulty-database.ts'
import { payByNotification, readFeed } from '../support/feed.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { createdOrder, payableOrder, readOrder } from '../support/orders.ts'
import { longPoll } from '../support/streams.ts'
import { seen, watch } from '../support/watching.ts'

interface Stored {
  readonly _id: string
}

function ordersAt(uri: string): Promise<readonly Stored[]> {
  return lookInto(uri, (database) => database.collection<Stored>('orders').find().toArray())
}

function isMajority({ readConcern }: Document): boolean {
  return typeof readConcern === 'object' && JSON.stringify(readConcern) === '{"level":"majority"}'
}

/** The ids that a lookup names: one, or a list; undefined for any other query. */
function idsIn({ filter }: Document): readonly string[] | undefined {
  const { _id } = filter as { readonly _id?: string | { readonly $in?: readonly string[] } }
  return typeof _id === 'string' ? [_id] : _id?.$in
}

function replyWith(stored: readonly Stored[], ids: readonly string[]): DatabaseFault {
  const firstBatch = stored.filter(({ _id }) => ids.includes(_id))
  return { reply: { ok: 1, cursor: { id: 0n, ns: 'any.orders', firstBatch } } }
}

/** A database whose clock can be set forward, and how often it was asked what changed. */
function watchedDatabase(database: Database) {
  let ahead = 0
  let looks = 0
  const later = (time: Date): Date => new Date(time.getTime() + ahead)
  const changedSince: Database['orders']['changedSince'] = (...asked) => {
    looks += 1
    return database.orders.changedSince(...asked)
  }
  const clock = {
    now: () => later(database.clock.now()),
    ago: (ms: number) => later(database.clock.ago(ms)),
    stamp: async () => later(await database.clock.stamp()),
  }
  return {
    database: { ...database, clock, orders: { ...database.orders, changedSince } },
    pass: (ms: number) => void (ahead += ms),
    async nextLooks() {
      const known = looks
      await expect.poll(() => looks).toBeGreaterThan(known + 1)
    },
  }
}

/**
 * Two processes on one database, of which the majority can be made to fall behind: then lookups with the read concern
 * "majority" give what was stored before.
 */
async function laggingMajority() {
  const uri = freshDatabaseUri()
  let before: readonly Stored[] | undefined
  const databaseUri = await faultyDatabase(uri, (command) => {
    const ids = command['find'] === 'orders' && isMajority(command) ? idsIn(command) : undefined
    return before && ids && replyWith(before, ids)
  })
  const { database, ...watched } = watchedDatabase(await databaseAt(databaseUri))
  const here = await openGateway({ databaseUri, database, reconcilePauseMs: 20 })
  const elsewhere = await openGateway({ ...here.parts, database: await databaseAt(uri), publicUrl: here.url })
  const there: TestGateway = { ...here, url: elsewhere.url }
  return {
    here,
    there,
    ...watched,
    fallBehind: async () => void (before = await ordersAt(uri)),
    catchUp: () => void (before = undefined),
  }
}

test('a page is told of what another process wrote once the majority has it, and not before', async () => {
  const { here, there, fallBehind, catchUp } = await laggingMajority()
  const { order, accessToken } = await payableOrder(there)
  const updates = watch(here, accessToken, { what: 'orderUpdated', id: order.id })
  expect(await updates.next()).toEqual(seen('orderUpdated', { id: order.id, seq: 2, status: 'PENDING' }))
  await fallBehind()
  await payByNotification(there, order)
  const next = updates.next()
  const polled = await longPoll(here, accessToken, `${order.id}/events?after=2&wait=1`)
  expect(await polled.json()).toEqual([])
  expect(await readOrder(here, order.id, accessToken)).toMatchObject({ status: 'PENDING', seq: 2 })
  catchUp()
  expect(await next).toEqual(seen('orderUpdated', { id: order.id, seq: 3, status: 'PAID' }))
  expect(await readOrder(here, order.id, accessToken)).toMatchObject({ status: 'PAID', seq: 3 })
})

test('the feed tells what the majority has at last, however long that takes', async () => {
  const { here, there, fallBehind, catchUp, pass, nextLooks } = await laggingMajority()
  const feed = await readFeed(here, undefined, [here, there])
  await fallBehind()
  const { order } = await createdOrder(there)
  await nextLooks()
  // Far more than a look goes back.
  pass(60_000)
  await nextLooks()
  expect(feed.of(order.id)).toEqual([])
  catchUp()
  await expect.poll(() => feed.of(order.id)).toEqual([1])
  expect(feed.errors).toEqual([])
})

test('a caller sees what it has just written, also where a new primary does not know yet that the majority has it', async () => {
  const { here, fallBehind } = await laggingMajority()
  await fallBehind()
  const { order, accessToken } = await payableOrder(here)
  expect(await readOrder(here, order.id, accessToken)).toEqual(order)
  const cursor = await longPoll(here, accessToken, `${order.id}/events?after=2&wait=0`)
  expect([cursor.status, await cursor.json()]).toEqual([200, []])
  const events = await longPoll(here, accessToken, `${order.id}/events?after=1&wait=0`)
  expect(await events.json()).toMatchObject([{ seq: 2 }])
})

test('what changes an order reads its newest state, also while the majority is behind', async () => {
  const { here, there, fallBehind } = await laggingMajority()
  const { order } = await payableOrder(there)
  await fallBehind()
  await payByNotification(there, order)
  const calls = notePlatformCalls(here)
  expect(await close(here, order.id)).toMatchObject({
    __typename: 'OrderNotPayable',
    order: { status: 'PAID' },
  })
  expect(calls).toEqual([])
})

test('writers of one order who race decide on its newest state, also while the majority is behind', async () => {
  const { here, there, fallBehind } = await laggingMajority()
  const { order } = await payableOrder(there)
  await fallBehind()
  const payments = Array.from({ length: 10 }, (_, index) =>
    payByNotification(index % 2 === 0 ? here : there, order),
  )
  await Promise.all(payments)
  expect((await readOrder(there, order.id)).anomalies).toHaveLength(9)
})
