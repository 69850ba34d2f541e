import { expect, test, vi } from 'vitest'
import { lookInto } from '../support/database.ts'
import { from, noiseNotice, startFlood, type Flood } from '../support/flood.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { newest, notifications, replay } from '../support/inbox.ts'
import { paidBody, paidNotice, post, signedNotice, type Notice } from '../support/notification.ts'
import { payableOrder, type OrderView } from '../support/orders.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { expectFail, expectNothingKept, withHeader } from '../support/refusals.ts'

const BODY_BYTES = 60_000
const MANY = 1200
const PLATFORM = '101.226.103.9'

async function payable(changes: Parameters<typeof openGateway>[0] = {}) {
  const gateway = await openGateway({ trustedProxies: 1, ...changes })
  const { order } = await payableOrder(gateway)
  return { gateway, order }
}

function noise(gateway: TestGateway, index: number): Notice {
  return noiseNotice(gateway, index, BODY_BYTES)
}

function staleNotice(gateway: TestGateway, order: OrderView): Notice {
  return signedNotice(gateway, paidBody(gateway, order), { secondsFromNow: -3600 })
}

function unknownKeyNotice(gateway: TestGateway, order: OrderView): Notice {
  return signedNotice(gateway, paidBody(gateway, order), { serial: 'PUB_KEY_ID_0404' })
}

async function answeredMore(flood: Flood, count: number): Promise<void> {
  const before = flood.answered()
  await vi.waitFor(() => expect(flood.answered()).toBeGreaterThanOrEqual(before + count), {
    interval: 20,
    timeout: 50_000,
  })
}

/** How many rejected notifications are kept, and in how many bytes. */
async function keptOf({ databaseUri }: TestGateway): Promise<{ rows: number; bytes: number }> {
  const [sum] = await lookInto(databaseUri, (database) =>
    database
      .collection('rejectedNotifications')
      .aggregate<{ rows: number; bytes: number }>([
        { $group: { _id: null, rows: { $sum: 1 }, bytes: { $sum: { $bsonSize: '$$ROOT' } } } },
      ])
      .toArray(),
  )
  return sum ?? { rows: 0, bytes: 0 }
}

/** Pays so many orders, one after the other. */
async function payMany(gateway: TestGateway, count: number): Promise<readonly number[]> {
  const statuses: number[] = []
  for (let index = 0; index < count; index += 1) {
    const { order } = await payableOrder(gateway)
    statuses.push((await post(gateway, from(PLATFORM, paidNotice(gateway, order)))).status)
  }
  return statuses
}

test('posts without signature headers write nothing, however many and large they are', async () => {
  const { gateway, order } = await payable()
  const flood = startFlood(gateway, (index) => {
    const { body } = noise(gateway, index)
    return from('198.51.100.7', { headers: [['Wechatpay-Serial', 'PUB_KEY_ID_1']], body })
  })
  await answeredMore(flood, MANY)
  await flood.stop()
  expect([...flood.statuses.keys()]).toEqual([400])
  await expectNothingKept(gateway)
  expect(await post(gateway, paidNotice(gateway, order))).toMatchObject({ status: 204 })
})

test('noise of some addresses loses no genuine refusal, and delays no notification', async () => {
  const { log, lines } = recordedLog()
  const { gateway, order } = await payable({ log })
  const other = await payableOrder(gateway)
  const [before, during] = [order, other.order].map((one) => [
    from(PLATFORM, staleNotice(gateway, one)),
    from(PLATFORM, unknownKeyNotice(gateway, one)),
  ])
  for (const notice of before ?? []) expectFail(gateway, await post(gateway, notice), 401)
  const flood = startFlood(gateway, (index) => from(`198.51.100.${index % 3}`, noise(gateway, index)))
  await answeredMore(flood, MANY / 2)
  for (const notice of during ?? []) expectFail(gateway, await post(gateway, notice), 401)
  expect(new Set(await payMany(gateway, 10))).toEqual(new Set([204]))
  await answeredMore(flood, MANY)
  await flood.stop()

  expect([...flood.statuses.keys()]).toEqual([401])
  const filter = { outcome: ['REFUSED'] }
  const { nodes, totalCount } = await notifications(gateway, gateway.operatorKey, { filter, first: 100 })
  const bodies = nodes.map(({ rawBody }) => rawBody)
  for (const { body } of [...(before ?? []), ...(during ?? [])]) expect(bodies).toContain(body)
  expect(totalCount).toBe(nodes.length)
  const { bytes } = await keptOf(gateway)
  expect(bytes).toBeLessThan(3 * 128 * 1024)
  const refused = lines.filter(({ fields }) => 'status' in fields && fields.status === 401)
  expect(refused.length).toBeLessThan(200)
  expect(lines.filter(({ fields }) => 'status' in fields && fields.status === 204)).toHaveLength(10)
})

test('noise of any number of addresses has a bound together, and what the platform signed stays', async () => {
  const { gateway, order } = await payable()
  const stale = staleNotice(gateway, order)
  expectFail(gateway, await post(gateway, from(PLATFORM, stale)), 401)
  const flood = startFlood(gateway, (index) =>
    from(`2001:db8:${(index % 5000).toString(16)}::1`, noise(gateway, index)),
  )
  await answeredMore(flood, 2 * MANY)
  await flood.stop()
  const { rows, bytes } = await keptOf(gateway)
  expect(rows).toBeLessThan(700)
  expect(bytes).toBeLessThan(2 * 1024 * 1024)
  const { nodes } = await notifications(gateway, gateway.operatorKey, {
    filter: { verdict: ['STALE_TIMESTAMP'] },
  })
  expect(nodes).toMatchObject([{ rawBody: stale.body, attempts: 1 }])
})

/** The gateway's merchants, with a count of how often the second one's keys were looked at. */
function countingKeys({ merchants }: TestGateway['parts']) {
  const counted = { looks: 0 }
  const watched = merchants.map((merchant) => {
    const { wechatpay } = merchant
    if (merchant.id !== 'brew' || wechatpay === undefined) return merchant
    const platformKeys = [...wechatpay.platformKeys]
    Object.defineProperty(platformKeys, Symbol.iterator, {
      value: () => {
        counted.looks += 1
        return platformKeys.values()
      },
    })
    return { ...merchant, wechatpay: { ...wechatpay, platformKeys } }
  })
  return { counted, watched }
}

test('why something was refused is found out for what is kept, and for nothing else', async () => {
  const { gateway: first } = await payable()
  const { counted, watched } = countingKeys(first.parts)
  const { databaseUri, parts } = first
  const { operators, tokenSecrets } = parts
  const gateway = await openGateway({ databaseUri, merchants: watched, operators, tokenSecrets })
  const looksBefore = counted.looks
  const flood = startFlood(gateway, (index) => noise({ ...first, parts: gateway.parts }, index))
  await answeredMore(flood, MANY)
  await flood.stop()
  const { rows } = await keptOf(first)
  expect(rows).toBeGreaterThan(0)
  expect(rows).toBeLessThan(50)
  // Every explanation of these looks at the keys of other merchants.
  expect(counted.looks - looksBefore).toBe(rows)
})

test('a signed message that is sent again is counted, and its row shows when', async () => {
  const { gateway, order } = await payable()
  const body = paidBody(gateway, order)
  for (let delivery = 0; delivery < 3; delivery += 1) {
    expectFail(gateway, await post(gateway, signedNotice(gateway, body, { secondsFromNow: -3600 })), 401)
    gateway.advance(1000)
  }
  const { nodes, totalCount } = await notifications(gateway, gateway.operatorKey)
  expect([totalCount, nodes[0]?.attempts, nodes[0]?.outcome]).toEqual([1, 3, 'REFUSED'])
  const { firstReceivedAt, lastReceivedAt } = nodes[0] ?? { firstReceivedAt: '', lastReceivedAt: '' }
  expect(Date.parse(lastReceivedAt) - Date.parse(firstReceivedAt)).toBeGreaterThanOrEqual(2000)
})

test('signed messages take nothing from the allowance of the address that they come from', async () => {
  const { gateway, order } = await payable()
  for (let message = 0; message < 30; message += 1)
    expectFail(gateway, await post(gateway, from(PLATFORM, staleNotice(gateway, order))), 401)
  expect(await notifications(gateway, gateway.operatorKey)).toMatchObject({ totalCount: 30 })
})

test('two messages with one body that nobody signed are two rows', async () => {
  const { gateway, order } = await payable()
  const notice = staleNotice(gateway, order)
  for (const nonce of ['one', 'another'])
    expectFail(gateway, await post(gateway, withHeader(notice, 'Wechatpay-Nonce', nonce)), 401)
  const { nodes } = await notifications(gateway, gateway.operatorKey)
  expect(nodes.map(({ attempts }) => attempts)).toEqual([1, 1])
})

test('of a long body its beginning is kept, and a replay says that this is not enough', async () => {
  const { gateway, order } = await payable()
  const body = paidBody(gateway, order) + ' '.repeat(10_000)
  const notice = signedNotice(gateway, body, { serial: 'PUB_KEY_ID_0404' })
  expectFail(gateway, await post(gateway, notice), 401)
  const { id, rawBody } = await newest(gateway)
  expect(rawBody).toBe(Buffer.from(body).subarray(0, 8192).toString())
  for (const dryRun of [true, false]) {
    const answer = await replay(gateway, id, { dryRun })
    const bytes = Buffer.byteLength(body)
    expect(answer).toMatchObject({
      __typename: 'NotFound',
      message: expect.stringMatching(new RegExp(`^Notification ${id} was refused, .* ${bytes} bytes .*\\.$`)),
    })
  }
})

test('an address that no proxy wrote is bounded too', async () => {
  const { gateway, order } = await payable()
  const notice = withHeader(unknownKeyNotice(gateway, order), 'X-Forwarded-For', 'x'.repeat(8000))
  expectFail(gateway, await post(gateway, notice), 401)
  const { bytes } = await keptOf(gateway)
  expect(bytes).toBeLessThan(8000)
})
