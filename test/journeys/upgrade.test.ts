import type { mongo } from 'mongoose'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase, type Database } from '../../src/models/database.ts'
import { indexName } from '../../src/models/build-indexes.ts'
import { indexingOf as rowIndexing } from '../../src/models/notification-record.ts'
import type { Order } from '../../src/domain/order.ts'
import { indexingOf, toOrder } from '../../src/models/order-record.ts'
import type { TradeNumber } from '../../src/domain/trade-number.ts'
import type { OrderSelection } from '../../src/models/order.ts'
import { anomaliesOf, resolveAnomaly } from '../support/anomalies.ts'
import { databaseAt, freshDatabaseUri, lookInto } from '../support/database.ts'
import { openGateway } from '../support/gateway.ts'
import { paidNotice, post } from '../support/notification.ts'
import { createdOrder, payableOrder, readOrder } from '../support/orders.ts'
import { payer, startPayment } from '../support/payments.ts'
import { close, stateAtPlatform } from '../support/asking.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { slowDatabase } from '../support/slow-database.ts'

const FIRST_VERSION_INDEXES = [
  { key: { merchantId: 1, outTradeNo: 1 }, unique: true },
  {
    key: { merchantId: 1, 'attempts.platform': 1, 'attempts.platformTradeNo': 1 },
    unique: true,
    partialFilterExpression: { 'attempts.platformTradeNo': { $exists: true } },
  },
  { key: { nextCheckAt: 1, merchantId: 1 } },
] as const

/** Versions 1 and 2 kept the handle with the attempt, and stored no number before the platform had answered. */
async function withoutNumbers(database: mongo.Db): Promise<void> {
  const orders = database.collection<{ _id: string; attempts: object[]; numbers: TradeNumber[] }>('orders')
  for await (const { _id, attempts, numbers } of orders.find()) {
    const asStored = attempts.map((attempt, index) => {
      const { id: prepayId, expiresAt: prepayExpiresAt } = numbers[index]?.prepay ?? {}
      return { ...attempt, prepayId, prepayExpiresAt }
    })
    const change = { $set: { attempts: asStored }, $unset: { numbers: '', closing: '', rev: '' } } as const
    await orders.updateOne({ _id }, change)
  }
}

/** Makes of a database what the first version would have left: no derived fields, and its own indexes. */
async function asOfFirstVersion(database: mongo.Db): Promise<void> {
  const derived = { keys: '', facets: '', schemaVersion: '' }
  await withoutNumbers(database)
  for (const name of ['orders', 'notifications']) {
    await database.collection(name).dropIndexes()
    await database.collection(name).updateMany({}, { $unset: derived })
  }
  await database.collection('upgrades').drop()
  await database.collection('orders').createIndexes([...FIRST_VERSION_INDEXES])
}

/** Orders of every kind, and notifications of every outcome. */
async function variedGateway() {
  const gateway = await openGateway({ databaseUri: freshDatabaseUri() })
  const { order: created } = await createdOrder(gateway)
  const { order: paid } = await payableOrder(gateway)
  const { order: open } = await payableOrder(gateway)
  await startPayment(gateway, { orderId: open.id, payment: payer('o-payer-2') })
  await post(gateway, paidNotice(gateway, paid))
  await post(gateway, paidNotice(gateway, paid))
  await post(gateway, paidNotice(gateway, { outTradeNo: 'T-not-here-yet', amount: open.amount }))
  return { gateway, created, paid, open: await readOrder(gateway, open.id) }
}

test('a database of the first version gets what this one looks up, and every notification finds its order', async () => {
  const { gateway, created, open } = await variedGateway()
  const { databaseUri } = gateway
  await lookInto(databaseUri, asOfFirstVersion)
  await databaseAt(databaseUri)
  const stored = await lookInto(databaseUri, async (database) => ({
    orders: await database.collection('orders').find().toArray(),
    rows: await database.collection('notifications').find().toArray(),
    indexes: (await database.collection('orders').indexes()).map(({ name }) => name),
  }))
  expect(stored.orders).toHaveLength(3)
  for (const record of stored.orders) {
    const order = toOrder(record as never)
    // Of an order without an attempt the number may have been sent; it is found by the order's own number.
    const numbers = order?.numbers.filter(({ payerId }) => payerId !== null) ?? []
    expect(record).toMatchObject(indexingOf({ ...(order as Order), numbers }))
    expect('keys' in record).toBe(record['attempts'].length > 0)
  }
  expect(new Set(stored.rows.map(({ outcome }) => String(outcome)))).toEqual(
    new Set(['APPLIED', 'UNMATCHED']),
  )
  for (const row of stored.rows) expect(row).toMatchObject(rowIndexing(row as never))
  expect(stored.indexes).toContain('nextCheckAt_1_merchantId_1')
  const [, second] = open.attempts
  const paidBySecond = { outTradeNo: second?.platformTradeNo ?? '', amount: open.amount }
  expect(await post(gateway, paidNotice(gateway, paidBySecond))).toMatchObject({ status: 204 })
  expect(await readOrder(gateway, open.id)).toMatchObject({ status: 'PAID' })
  expect(await post(gateway, paidNotice(gateway, created))).toMatchObject({ status: 204 })
})

/** Makes of a database what version 2 would have left: orders without the facets of version 3. */
async function asOfSecondVersion(database: mongo.Db): Promise<void> {
  const isOld = { $not: { $regexMatch: { input: '$$facet', regex: /^(openAnomaly|kind):/ } } }
  const facets = { $filter: { input: '$facets', as: 'facet', cond: isOld } }
  await database.collection('orders').updateMany({}, [{ $set: { facets, schemaVersion: 2 } }])
  await database.collection<{ _id: string }>('upgrades').deleteOne({ _id: 'orders:3' })
}

const BY_ANOMALY: readonly OrderSelection[] = [
  { hasOpenAnomaly: true },
  { hasOpenAnomaly: false },
  { anomalyKind: ['AMOUNT_MISMATCH'] },
  { anomalyKind: ['MERCHANT_MISMATCH'] },
]

/** The orders that each of the filters by anomalies finds. */
async function byAnomaly({ orders }: Database): Promise<readonly (readonly string[])[]> {
  const lists = await Promise.all(BY_ANOMALY.map((selection) => orders.list(selection, { first: 10 })))
  return lists.map(({ rows }) => rows.map(({ id }) => id))
}

test('orders of version 2 are found by open anomalies and their kinds after the start', async () => {
  const { gateway, created, paid, open } = await variedGateway()
  const { databaseUri, parts } = gateway
  for (const payment of [
    { mchid: '1900000999' },
    { mchid: '1900000998' },
    { amount: { total: 1, currency: 'CNY' } },
  ])
    await post(gateway, paidNotice(gateway, open, { payment }))
  await post(gateway, paidNotice(gateway, created, { payment: { mchid: '1900000999' } }))
  const [anomaly] = await anomaliesOf(gateway, created, gateway.operatorKey)
  const resolving = { orderId: created.id, anomalyId: anomaly?.id ?? '', resolution: 'Looked at.' }
  await resolveAnomaly(gateway, resolving, gateway.operatorKey)
  await lookInto(databaseUri, asOfSecondVersion)
  expect(await byAnomaly(parts.database)).toEqual([[], [], [], []])
  const upgraded = await databaseAt(databaseUri)
  const expected = [[open.id, paid.id], [created.id], [open.id], [open.id, created.id]]
  expect(await byAnomaly(upgraded)).toEqual(expected)
  const stored = await lookInto(databaseUri, (database) => ordersIn(database).find().toArray())
  for (const record of stored) expect(record).toMatchObject(indexingOf(record as never))
})

/** As if the upgrade had been completed more than a week ago. */
function longUpgraded(database: mongo.Db) {
  const firstCompletedAt = new Date(Date.now() - 8 * 24 * 60 * 60 * 1000)
  return database.collection('upgrades').updateMany({}, { $set: { firstCompletedAt } })
}

test('the indexes of the first version are dropped when none of its processes is expected any more', async () => {
  const { gateway } = await variedGateway()
  const { databaseUri } = gateway
  await lookInto(databaseUri, asOfFirstVersion)
  await databaseAt(databaseUri)
  await lookInto(databaseUri, longUpgraded)
  await databaseAt(databaseUri)
  const indexes = await lookInto(databaseUri, (database) => database.collection('orders').indexes())
  const names = indexes.map(({ name }) => name)
  for (const { key } of FIRST_VERSION_INDEXES) expect(names).not.toContain(indexName(key))
  expect(names).toContain('merchantId_1_keys_1')
})

test('what a process of the first version writes beside this one is caught up with', async () => {
  const { gateway, open } = await variedGateway()
  const { databaseUri, parts } = gateway
  const [attempt] = open.attempts
  const platformTradeNo = `${open.outTradeNo.slice(0, 20)}-old`
  // It sets the fields that it knows, and leaves the others as they are.
  const added = { $push: { attempts: { ...attempt, platformTradeNo } }, $set: { status: 'CLOSED' } }
  await lookInto(databaseUri, (database) =>
    ordersIn(database).updateOne({ _id: open.id }, added as mongo.UpdateFilter<{ _id: string }>),
  )
  const notice = paidNotice(gateway, { outTradeNo: platformTradeNo, amount: open.amount })
  expect(await post(gateway, notice)).toMatchObject({ status: 404 })
  await parts.database.catchUp(new AbortController().signal)
  expect(await post(gateway, notice)).toMatchObject({ status: 204 })
  const [stored] = await lookInto(databaseUri, (database) =>
    ordersIn(database).find({ _id: open.id }).toArray(),
  )
  expect(stored).toMatchObject({ facets: expect.arrayContaining(['status:PAID']) })
})

test('what was written while the first version was gone back to is caught up with, however late', async () => {
  const { gateway, paid } = await variedGateway()
  const { databaseUri, parts } = gateway
  await lookInto(databaseUri, longUpgraded)
  const forgotten = { keys: '', facets: '', schemaVersion: '' } as const
  await lookInto(databaseUri, (database) => ordersIn(database).updateMany({}, { $unset: forgotten }))
  await parts.database.catchUp(new AbortController().signal)
  const stored = await lookInto(databaseUri, (database) => ordersIn(database).find().toArray())
  for (const record of stored) expect(record).toMatchObject(indexingOf(record as never))
  expect(stored.map(({ _id }) => _id)).toContain(paid.id)
})

test('a process that stops does not catch up first, and the next one does', async () => {
  const { gateway } = await variedGateway()
  const { databaseUri, parts } = gateway
  await lookInto(databaseUri, (database) => ordersIn(database).updateMany({}, { $unset: { facets: '' } }))
  const behind = { facets: { $exists: false } }
  const countBehind = () =>
    lookInto(databaseUri, (database) => ordersIn(database).countDocuments(behind as object))
  const before = await countBehind()
  expect(before).toBeGreaterThan(0)
  await parts.database.catchUp(AbortSignal.abort())
  expect(await countBehind()).toBe(before)
  await parts.database.catchUp(new AbortController().signal)
  expect(await countBehind()).toBe(0)
})

test('of what this version has written, nothing is changed', async () => {
  const { gateway } = await variedGateway()
  const { log, lines } = recordedLog()
  const database = await openDatabase(gateway.databaseUri, log)
  onTestFinished(() => database.close())
  await database.catchUp(new AbortController().signal)
  expect(lines).toEqual([])
})

function ordersIn(database: mongo.Db) {
  return database.collection<{ _id: string }>('orders')
}

test('what a later version has added to an order stays when this one changes it', async () => {
  const gateway = await openGateway()
  const { order } = await payableOrder(gateway)
  const later = {
    refunds: [{ outRefundNo: 'R1' }],
    schemaVersion: 9,
    'attempts.0.tradeType': 'JSAPI',
    'numbers.0.tradeType': 'JSAPI',
  }
  await lookInto(gateway.databaseUri, (database) =>
    ordersIn(database).updateOne({ _id: order.id }, { $set: later }),
  )
  gateway.advanceAll(2 * 60 * 60 * 1000 - 60_000)
  expect(await startPayment(gateway, { orderId: order.id })).toMatchObject({
    __typename: 'StartPaymentSuccess',
  })
  await post(gateway, paidNotice(gateway, order))
  const [stored] = await lookInto(gateway.databaseUri, (database) => ordersIn(database).find().toArray())
  expect(stored).toMatchObject({
    status: 'PAID',
    numbers: [{ tradeType: 'JSAPI', platformTradeNo: order.outTradeNo }],
    refunds: [{ outRefundNo: 'R1' }],
    attempts: [{ tradeType: 'JSAPI', platformTradeNo: order.outTradeNo }],
  })
})

/** Longer than any other command may take, and than a build takes that says nothing of its progress. */
const LONG_BUILD_MS = 9000

test('an index that takes longer to build than a command may take is built, and says so', async () => {
  let held = 0
  const uri = await slowDatabase(freshDatabaseUri(), (text) => {
    const isFirst = text.includes('createIndexes') && held === 0
    held += isFirst ? 1 : 0
    return isFirst ? LONG_BUILD_MS : 0
  })
  const { log, lines } = recordedLog()
  const database = await openDatabase(uri, log)
  onTestFinished(() => database.close())
  expect(held).toBe(1)
  const fields = {
    collection: 'orders',
    index: 'outTradeNo_1_merchantId_1',
    seconds: expect.toSatisfy((seconds) => seconds >= 5),
  }
  expect(lines[0]).toMatchObject({ level: 'info', message: 'An index is being built.', fields })
  expect(await database.orders.byOutTradeNo('acme', 'T-none')).toBeUndefined()
})

test('a payment that an earlier version started is resumed, closed and asked about like any other', async () => {
  const { gateway, open, created } = await variedGateway()
  await lookInto(gateway.databaseUri, asOfFirstVersion)
  const before = gateway.simulator.orders().length
  const resumed = await startPayment(gateway, { orderId: open.id, payment: payer('o-payer-2') })
  expect(resumed).toMatchObject({ __typename: 'StartPaymentSuccess', order: { attempts: [{}, {}] } })
  expect(gateway.simulator.orders()).toHaveLength(before)
  expect(await close(gateway, open.id)).toMatchObject({ order: { status: 'CLOSED' } })
  const numbers = open.attempts.map(({ platformTradeNo }) => platformTradeNo)
  expect(numbers.map((number) => stateAtPlatform(gateway, number))).toEqual(['CLOSED', 'CLOSED'])
  const started = await startPayment(gateway, { orderId: created.id, payment: payer('o-payer-1') })
  expect(started.order?.attempts).toMatchObject([{ platformTradeNo: created.outTradeNo }])
})

test('a payment that a process of the version before starts beside this one is found under its number', async () => {
  const { gateway, open } = await variedGateway()
  const attempt = {
    platform: 'WECHATPAY',
    platformTradeNo: 'T-of-the-version-before',
    appId: 'wx1',
    payerId: 'o-3',
  }
  await lookInto(gateway.databaseUri, (database) =>
    database
      .collection<{ _id: string; attempts: object[] }>('orders')
      .updateOne({ _id: open.id }, { $push: { attempts: attempt }, $set: { schemaVersion: 2 } }),
  )
  await gateway.parts.database.catchUp(new AbortController().signal)
  const found = await gateway.parts.database.orders.byPlatformTradeNo(
    'acme',
    'WECHATPAY',
    attempt.platformTradeNo,
  )
  expect(found?.id).toBe(open.id)
  expect(found?.numbers.map(({ platformTradeNo }) => platformTradeNo)).toEqual([
    ...open.attempts.map(({ platformTradeNo }) => platformTradeNo),
    attempt.platformTradeNo,
  ])
})

test('one transaction that the version before believed for two orders does not keep this one from starting', async () => {
  const { gateway, paid } = await variedGateway()
  const { order: other } = await payableOrder(gateway)
  await post(gateway, paidNotice(gateway, other))
  await lookInto(gateway.databaseUri, async (database) => {
    const orders = database.collection<{ _id: string; transactions: object[] }>('orders')
    const first = await orders.findOne({ _id: paid.id })
    await orders.updateOne(
      { _id: other.id },
      { $set: { transactions: first?.transactions ?? [] }, $unset: { keys: '' } },
    )
    await asOfFirstVersion(database)
  })
  const { orders } = await databaseAt(gateway.databaseUri)
  for (const order of [paid, other])
    expect(await orders.byPlatformTradeNo('acme', 'WECHATPAY', order.outTradeNo)).toMatchObject({
      id: order.id,
    })
})

test('a process of the version before, which does not know the rev, wins a race by its seq', async () => {
  const { gateway, open } = await variedGateway()
  const { orders } = gateway.parts.database
  const known = await orders.byId(open.id)
  if (known === undefined) throw new Error('The order is gone.')
  await lookInto(gateway.databaseUri, (database) =>
    database.collection<{ _id: string }>('orders').updateOne({ _id: open.id }, { $inc: { seq: 1 } }),
  )
  expect(await orders.append(known, { ...known, rev: 'another' }, undefined)).toBe('raced')
  const current = await orders.byId(open.id)
  if (current === undefined) throw new Error('The order is gone.')
  expect(await orders.append(current, { ...current, rev: 'another' }, undefined)).toBe('written')
})
