import type { mongo } from 'mongoose'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../src/models/database.ts'
import { indexingOf as rowIndexing } from '../../src/models/notification-record.ts'
import { indexingOf } from '../../src/models/order-record.ts'
import { databaseAt, freshDatabaseUri, lookInto } from '../support/database.ts'
import { openGateway } from '../support/gateway.ts'
import { paidNotice, post } from '../support/notification.ts'
import { createdOrder, payableOrder, readOrder } from '../support/orders.ts'
import { payer, startPayment } from '../support/payments.ts'
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

/** Makes of a database what the first version would have left: no derived fields, and its own indexes. */
async function asOfFirstVersion(database: mongo.Db): Promise<void> {
  const derived = { keys: '', facets: '', schemaVersion: '' }
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
    expect(record).toMatchObject(indexingOf(record as never))
    expect('keys' in record).toBe(record['attempts'].length > 0)
  }
  expect(new Set(stored.rows.map(({ outcome }) => String(outcome)))).toEqual(
    new Set(['APPLIED', 'UNMATCHED']),
  )
  for (const row of stored.rows) expect(row).toMatchObject(rowIndexing(row as never))
  expect(stored.indexes).not.toContain('merchantId_1_outTradeNo_1')
  const [, second] = open.attempts
  const paidBySecond = { outTradeNo: second?.platformTradeNo ?? '', amount: open.amount }
  expect(await post(gateway, paidNotice(gateway, paidBySecond))).toMatchObject({ status: 204 })
  expect(await readOrder(gateway, open.id)).toMatchObject({ status: 'PAID' })
  expect(await post(gateway, paidNotice(gateway, created))).toMatchObject({ status: 204 })
})

function ordersIn(database: mongo.Db) {
  return database.collection<{ _id: string }>('orders')
}

test('what a later version has added to an order stays when this one changes it', async () => {
  const gateway = await openGateway()
  const { order } = await payableOrder(gateway)
  const later = {
    rev: 'r1',
    refunds: [{ outRefundNo: 'R1' }],
    schemaVersion: 9,
    'attempts.0.tradeType': 'JSAPI',
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
    rev: 'r1',
    refunds: [{ outRefundNo: 'R1' }],
    attempts: [{ tradeType: 'JSAPI', platformTradeNo: order.outTradeNo }],
  })
})

/** Longer than any other command may take, and than a build takes that says nothing of its progress. */
const LONG_BUILD_MS = 6000

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
  const fields = { collection: 'orders', index: 'outTradeNo_1_merchantId_1', seconds: 5 }
  expect(lines[0]).toMatchObject({ level: 'info', message: 'An index is being built.', fields })
  expect(await database.orders.byOutTradeNo('acme', 'T-none')).toBeUndefined()
})
