import { describe, expect, test } from 'vitest'
import { createHub } from '../../src/live/hub.ts'
import { databaseAt, freshDatabaseUri } from '../support/database.ts'
import { FEED, payByNotification, readFeed } from '../support/feed.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { graphqlOverWebsocket } from '../support/graphql.ts'
import { createdOrder, payableOrder, type OrderView } from '../support/orders.ts'
import { hasRedis, openRedis } from '../support/redis.ts'
import { firstResult, openSse } from '../support/streams.ts'

const NEVER = 3_600_000

test('an operator is told every event of every order, each once and those of one order in order', async () => {
  const gateway = await openGateway()
  const before = await payableOrder(gateway)
  const feed = await readFeed(gateway)
  const orders = [await payableOrder(gateway), await payableOrder(gateway, {}, gateway.otherMerchant.apiKey)]
  const [mine] = orders
  if (mine === undefined) throw new Error('There is no order.')
  await payByNotification(gateway, mine.order)
  await payByNotification(gateway, before.order)
  await expect.poll(() => [feed.of(mine.order.id), feed.of(before.order.id)]).toEqual([[1, 2, 3], [3]])
  expect(orders.map(({ order }) => feed.of(order.id))).toEqual([
    [1, 2, 3],
    [1, 2],
  ])
})

test('the feed of one merchant is about no other', async () => {
  const gateway = await openGateway()
  const feed = await readFeed(gateway, 'acme')
  const theirs = await payableOrder(gateway, {}, gateway.otherMerchant.apiKey)
  const ours = await payableOrder(gateway)
  await expect.poll(() => feed.of(ours.order.id)).toEqual([1, 2])
  expect(feed.of(theirs.order.id)).toEqual([])
})

test('the feed is for operators only, over every transport', async () => {
  const gateway = await openGateway()
  const { accessToken } = await payableOrder(gateway)
  for (const [credential, code] of [
    [gateway.merchant.apiKey, 'FORBIDDEN'],
    [accessToken, 'FORBIDDEN'],
    [undefined, 'UNAUTHENTICATED'],
  ] as const) {
    const refused = { errors: [{ extensions: { code } }] }
    expect(await graphqlOverWebsocket(gateway.url, credential, { query: FEED })).toMatchObject(refused)
    expect(await firstResult(await openSse(gateway, credential, { query: FEED }))).toMatchObject(refused)
  }
})

test('a reader for whom too much waits is told so, and that is all', async () => {
  const hub = createHub()
  const gateway = await openGateway({ hub })
  const feed = await readFeed(gateway)
  const { order } = await payableOrder(gateway)
  const stored = await gateway.parts.database.orders.byId(order.id)
  if (stored === undefined) throw new Error('The order is not there.')
  const [first] = stored.events
  if (first === undefined) throw new Error('The order has no event.')
  const storedAt = gateway.parts.database.clock.now()
  const events = Array.from({ length: 6000 }, (_, index) => ({ ...first, storedAt, seq: index + 1 }))
  hub.announce({ ...stored, id: 'ord_of_a_busy_day', seq: 6000, events })
  await feed.reading
  expect(feed.of('ord_of_a_busy_day').length).toBeLessThan(5)
  expect(feed.errors).toMatchObject([{ extensions: { code: 'TOO_SLOW' } }])
})

test('nobody listens to all orders any more when the last reader has left', async () => {
  const hub = createHub()
  let listening = 0
  const listenToAll: typeof hub.listenToAll = (listener) => {
    const stop = hub.listenToAll(listener)
    listening += 1
    return () => {
      listening -= 1
      stop()
    }
  }
  const gateway = await openGateway({ hub: { ...hub, listenToAll } })
  const feeds = [await readFeed(gateway), await readFeed(gateway)]
  expect(listening).toBe(1)
  await feeds[0]?.leave()
  await createdOrder(gateway)
  expect(listening).toBe(1)
  await feeds[1]?.leave()
  await expect.poll(() => listening).toBe(0)
})

type Changes = TestGateway['parts']['database']['orders']['changedSince']

/** A gateway that looks at what changed as the test says, by way of what it really does. */
async function lookingGateway(
  look: (changedSince: Changes, ...asked: Parameters<Changes>) => ReturnType<Changes>,
) {
  const databaseUri = freshDatabaseUri()
  const database = await databaseAt(databaseUri)
  const orders = database.orders
  const changedSince: Changes = (...asked) => look(orders.changedSince, ...asked)
  let ahead = 0
  const later = (time: Date): Date => new Date(time.getTime() + ahead)
  const clock = {
    now: () => later(database.clock.now()),
    ago: (ms: number) => later(database.clock.ago(ms)),
    stamp: async () => later(await database.clock.stamp()),
  }
  const gateway = await openGateway({
    databaseUri,
    database: { ...database, clock, orders: { ...orders, changedSince } },
    reconcilePauseMs: 20,
  })
  const elsewhere = await openGateway({ ...gateway.parts, database, publicUrl: gateway.url })
  return { gateway, there: { ...gateway, url: elsewhere.url }, pass: (ms: number) => void (ahead += ms) }
}

test('what another process did while nobody could look for a minute is told afterwards', async () => {
  let isOut = false
  const { gateway, there, pass } = await lookingGateway(async (changedSince, ...asked) => {
    if (isOut) throw new Error('The database cannot be reached.')
    return changedSince(...asked)
  })
  const feed = await readFeed(gateway)
  isOut = true
  const { order } = await payableOrder(there)
  pass(60_000)
  isOut = false
  await expect.poll(() => feed.of(order.id)).toEqual([1, 2])
})

/** A gateway that finds no end of changes once it is busy. */
async function busyGateway() {
  let isBusy = false
  const { gateway } = await lookingGateway(async (changedSince, since, page) => {
    if (!isBusy) return changedSince(since, page)
    const { limit, until = gateway.parts.database.clock.now() } = page
    const storedAt = new Date(until.getTime() - 1)
    return Array.from({ length: limit }, (_, index) => ({ id: `ord_busy_${index}`, seq: 1, storedAt }))
  })
  return { gateway, becomeBusy: () => void (isBusy = true) }
}

test('readers are told when more has changed than one look can find', async () => {
  const { gateway, becomeBusy } = await busyGateway()
  const feed = await readFeed(gateway)
  becomeBusy()
  await feed.reading
  expect(feed.errors).toMatchObject([{ extensions: { code: 'TOO_SLOW' } }])
})

test('a reader is told so at once when more is changing at the beginning than can be looked through', async () => {
  const { gateway, becomeBusy } = await busyGateway()
  becomeBusy()
  const { errors } = await graphqlOverWebsocket(gateway.url, gateway.operatorKey, { query: FEED })
  expect(errors).toMatchObject([{ extensions: { code: 'TOO_SLOW' } }])
})

async function nothing(): Promise<void> {}

test.each(['here', 'there'] as const)(
  'what happens %s while the feed is being opened is told, and nothing before',
  async (where) => {
    let meanwhile = nothing
    const { gateway, there } = await lookingGateway(async (changedSince, ...asked) => {
      const happening = meanwhile
      meanwhile = nothing
      await happening()
      return changedSince(...asked)
    })
    const before = await payableOrder(gateway)
    const { url } = { here: gateway, there }[where]
    const orders: OrderView[] = []
    meanwhile = async () => {
      orders.push((await createdOrder({ ...gateway, url })).order)
      await payByNotification({ ...gateway, url }, before.order)
    }
    const feed = await readFeed(gateway)
    await expect.poll(() => orders.map(({ id }) => feed.of(id))).toEqual([[1]])
    await expect.poll(() => feed.of(before.order.id)).toEqual([3])
  },
)

/** Two gateways on one database: operators read the first, and things happen at both. */
async function twoGateways(redisUrl: string | null, reconcilePauseMs: number) {
  const here = await openGateway({ redisUrl, reconcilePauseMs })
  const database = await databaseAt(here.databaseUri)
  const there = await openGateway({ ...here.parts, database, publicUrl: here.url })
  return { here, there: { ...here, url: there.url } }
}

/** Orders whose events are written by both processes in turn. */
async function writtenByBoth({ here, there }: Awaited<ReturnType<typeof twoGateways>>) {
  const feed = await readFeed(here, undefined, [here, there])
  const orders = await Promise.all(
    Array.from({ length: 10 }, async (_, index) => {
      const { order } = await payableOrder(index % 2 === 0 ? here : there)
      await payByNotification(index % 3 === 0 ? here : there, order)
      return order
    }),
  )
  await expect
    .poll(() => orders.map(({ id }) => feed.of(id)), { timeout: 10_000 })
    .toEqual(orders.map(() => [1, 2, 3]))
}

describe('two processes', () => {
  test('without Redis a look finds what the other one wrote', async () => {
    await writtenByBoth(await twoGateways(null, 20))
  })

  test.skipIf(!hasRedis)('with Redis a hint is enough: nobody looks', async () => {
    const redis = await openRedis()
    await writtenByBoth(await twoGateways(redis.url, NEVER))
  })

  test.skipIf(!hasRedis)(
    'hints and looks together tell nothing twice, whether Redis lives or not',
    async () => {
      const redis = await openRedis()
      const gateways = await twoGateways(redis.url, 5)
      await writtenByBoth(gateways)
      await redis.kill()
      await writtenByBoth(gateways)
    },
  )
})
