import { randomUUID } from 'node:crypto'
import type { mongo } from 'mongoose'
import { expect, test } from 'vitest'
import { indexingOf } from '../../src/models/notification-record.ts'
import type { StoredNotification } from '../../src/models/notification.ts'
import { READER_VERSION } from '../../src/platforms/platform.ts'
import { databaseAt, freshDatabaseUri, lookInto, rowsOf } from '../support/database.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { startAgain } from '../support/inbox.ts'
import { paidBody, paidNotice, post, signedNotice } from '../support/notification.ts'
import { payableOrder, readOrder } from '../support/orders.ts'

const UNIQUE_BY_ID = { platform: 1, merchantId: 1, platformNotificationId: 1 } as const
const PAID_AT = '2099-01-01T00:00:00+08:00'

interface Entry {
  readonly _id: string
}

function entriesIn(database: mongo.Db) {
  return database.collection<Entry>('notifications')
}

/** Makes of the notifications what version 2 would have left: one for each id, without keys and reader's versions. */
async function asOfVersion2(database: mongo.Db): Promise<void> {
  const entries = entriesIn(database)
  await entries.dropIndexes()
  await entries.createIndex(UNIQUE_BY_ID, { unique: true })
  await entries.updateMany({}, [
    {
      $set: {
        schemaVersion: 2,
        facets: {
          $filter: {
            input: '$facets',
            cond: { $not: { $regexMatch: { input: '$$this', regex: /^(ignored|unreported)/ } } },
          },
        },
      },
    },
    { $unset: ['key', 'readerVersion', 'reported'] },
  ])
  await database.collection<Entry>('upgrades').deleteOne({ _id: 'notifications:3' })
}

function indexesOf({ databaseUri }: TestGateway) {
  return lookInto(databaseUri, async (database) =>
    (await entriesIn(database).indexes()).map(({ name }) => String(name)),
  )
}

async function opened() {
  const gateway = await openGateway({ databaseUri: freshDatabaseUri() })
  const { order } = await payableOrder(gateway)
  const id = randomUUID()
  /** The same payment under one id, encrypted anew each time. */
  const payment = { transaction_id: '42000001', success_time: PAID_AT }
  const bodyOf = (changes: object = {}) =>
    paidBody(gateway, order, { envelope: { id }, payment: { ...payment, ...changes } })
  const pay = async (changes: object = {}) =>
    (await post(gateway, signedNotice(gateway, bodyOf(changes)))).status
  return { gateway, order, id, bodyOf, pay, read: () => readOrder(gateway, order.id) }
}

test('a redelivery of what version 2 stored is counted on it, and another payment is an entry of its own', async () => {
  const { gateway, pay, read } = await opened()
  expect(await pay({ amount: { total: 1, currency: 'CNY' } })).toBe(204)
  await lookInto(gateway.databaseUri, asOfVersion2)
  await databaseAt(gateway.databaseUri)
  expect(await pay({ amount: { total: 1, currency: 'CNY' } })).toBe(204)
  expect(await pay()).toBe(204)
  expect(await read()).toMatchObject({ status: 'PAID', anomalies: [{ kind: 'AMOUNT_MISMATCH' }] })
  expect(await rowsOf(gateway.databaseUri, 'notifications')).toMatchObject([
    { outcome: 'APPLIED', attempts: 2 },
    { outcome: 'APPLIED', attempts: 1 },
  ])
})

test('many redeliveries at once of what version 2 stored are counted on it', async () => {
  const { gateway, pay } = await opened()
  await pay()
  await lookInto(gateway.databaseUri, asOfVersion2)
  await databaseAt(gateway.databaseUri)
  const statuses = await Promise.all(Array.from({ length: 10 }, () => pay()))
  expect(new Set(statuses)).toEqual(new Set([204]))
  expect(await rowsOf(gateway.databaseUri, 'notifications')).toMatchObject([{ attempts: 11 }])
})

test('what version 2 stored gets what this one looks up', async () => {
  const { gateway, order, pay } = await opened()
  await pay()
  const ignored = paidNotice(gateway, order, { envelope: { event_type: 'COUPON.USE' } })
  const unmatched = paidNotice(gateway, { ...order, outTradeNo: 'T-not-here-yet' })
  const sealed = paidNotice(gateway, order, { apiV3Key: 'x'.repeat(32) })
  for (const notice of [ignored, unmatched, sealed]) await post(gateway, notice)
  const version3 = await rowsOf(gateway.databaseUri, 'notifications')
  await lookInto(gateway.databaseUri, asOfVersion2)
  await databaseAt(gateway.databaseUri)
  const upgraded = await rowsOf(gateway.databaseUri, 'notifications')
  expect(upgraded.map(({ outcome }) => String(outcome))).toEqual([
    'APPLIED',
    'IGNORED',
    'UNMATCHED',
    'PENDING',
  ])
  expect(upgraded).toMatchObject(
    version3.map((row) =>
      indexingOf({ ...(row as unknown as StoredNotification), readerVersion: 0, reported: [] }),
    ),
  )
})

test('the unique index of version 2 is dropped at the first start', async () => {
  const { gateway } = await opened()
  await lookInto(gateway.databaseUri, asOfVersion2)
  await databaseAt(gateway.databaseUri)
  const names = await indexesOf(gateway)
  expect(names).not.toContain('platform_1_merchantId_1_platformNotificationId_1')
  expect(names).toContain('platform_1_merchantId_1_platformNotificationId_1_key_1')
})

test('it is dropped again when a process of version 2 started beside this one and built it', async () => {
  const { gateway, pay, read } = await opened()
  await pay({ amount: { total: 1, currency: 'CNY' } })
  await lookInto(gateway.databaseUri, (database) =>
    entriesIn(database).createIndex(UNIQUE_BY_ID, { unique: true }),
  )
  // Nothing is acknowledged that cannot be stored.
  expect(await pay()).toBe(503)
  await gateway.parts.database.catchUp(new AbortController().signal)
  expect(await pay()).toBe(204)
  expect(await read()).toMatchObject({ status: 'PAID' })
})

test('a redelivery of what a process of version 2 stored beside this one is counted on it', async () => {
  const { gateway, order, id, bodyOf, pay, read } = await opened()
  const at = new Date()
  const stored = {
    _id: 'ntf_0123456789abcdef01234567',
    platform: 'WECHATPAY',
    merchantId: 'acme',
    platformNotificationId: id,
    eventType: 'TRANSACTION.SUCCESS',
    verdict: 'VERIFIED',
    outcome: 'PENDING',
    explanation: { en: 'It was received.', zh: '已收到。' },
    platformTradeNo: order.outTradeNo,
    orderId: null,
    attempts: 1,
    firstReceivedAt: at,
    lastReceivedAt: at,
    rawHeaders: [],
    rawBody: Buffer.from(bodyOf()),
    facets: ['outcome:PENDING', 'verdict:VERIFIED', 'waiting:VERIFIED'],
    schemaVersion: 2,
  }
  await lookInto(gateway.databaseUri, (database) => entriesIn(database).insertOne(stored))
  expect(await pay()).toBe(204)
  expect(await read()).toMatchObject({ status: 'PAID', seq: 3 })
  expect(await rowsOf(gateway.databaseUri, 'notifications')).toMatchObject([
    { _id: stored._id, outcome: 'APPLIED', attempts: 2, schemaVersion: 3 },
  ])
})

test('what version 2 ignored is read again by the first start', async () => {
  const { gateway, pay } = await opened()
  await pay()
  await lookInto(gateway.databaseUri, async (database) => {
    const facets = ['outcome:IGNORED', 'verdict:VERIFIED']
    await entriesIn(database).updateMany({}, { $set: { outcome: 'IGNORED', orderId: null, facets } })
    await asOfVersion2(database)
  })
  await startAgain(gateway)
  await expect
    .poll(() => rowsOf(gateway.databaseUri, 'notifications'))
    .toMatchObject([{ outcome: 'APPLIED', readerVersion: READER_VERSION }])
})
