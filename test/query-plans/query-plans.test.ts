import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import mongoose, { type mongo } from 'mongoose'
import type { Order } from '../../src/domain/order.ts'
import { openDatabase, type Database } from '../../src/models/database.ts'
import { MAX_COUNTED, MAX_EXAMINED } from '../../src/models/listing.ts'
import type { KeyedNotification, NotificationSelection } from '../../src/models/notification.ts'
import type { Rejection } from '../../src/models/rejection-record.ts'
import type { OrderSelection } from '../../src/models/order.ts'
import { freshDatabaseUri } from '../support/database.ts'
import { costOf, monitored, noteCommands, type CommandCost } from './command-log.ts'
import { DOCUMENTS, fill, momentOf, numberOf, orderNumber, transactionOf } from './many-documents.ts'

/** Keys or documents that may be examined for each document that a query is about; so many when there is none. */
const MAX_PER_DOCUMENT = 3

const NEWEST = DOCUMENTS - 1
const MIDDLE = momentOf(DOCUMENTS / 2)
const LATER = momentOf(DOCUMENTS / 2 + 100)
const MERCHANTS = ['acme', 'brew']
const CHECK = { dueAt: new Date(), rung: 1 }

interface Filled {
  readonly database: Database
  readonly client: mongo.MongoClient
  /** The name of the database. */
  readonly name: string
  readonly orders: readonly string[]
  readonly rows: readonly string[]
  readonly rejections: readonly string[]
}

let filled: Filled

beforeAll(async () => {
  const uri = monitored(freshDatabaseUri())
  const database = await openDatabase(uri)
  const connection = await mongoose.createConnection(inject('mongodbUri')).asPromise()
  const client = connection.getClient()
  const name = new URL(uri.replace(/^mongodb:\/\/[^/]*/, 'http://here')).pathname.slice(1)
  filled = { database, client, name, ...(await fill(client.db(name))) }
})

afterAll(async () => {
  await filled.database.close()
  await filled.client.close()
})

/** Runs a call, and has every command that it sent explained. */
async function costsOf(call: (all: Filled) => Promise<unknown>): Promise<readonly CommandCost[]> {
  const { client, name } = filled
  const log = noteCommands(name)
  try {
    await call(filled)
  } finally {
    log.stop()
  }
  expect(log.noted.length).toBeGreaterThan(0)
  const costs: CommandCost[] = []
  // An insert looks nothing up.
  for (const command of log.noted.filter((sent) => !('insert' in sent)))
    costs.push(await costOf(client.db(name), command))
  return costs
}

async function expectFew(call: (all: Filled) => Promise<unknown>): Promise<void> {
  for (const cost of await costsOf(call)) {
    const most = MAX_PER_DOCUMENT * Math.max(1, cost.returned)
    expect(cost).toSatisfy(({ keys, documents }: CommandCost) => Math.max(keys, documents) <= most)
  }
}

type Calls<T> = Readonly<Record<keyof T, readonly ((all: Filled) => Promise<unknown>)[]>>

const OLDEST_FIRST_NEWEST = [0, DOCUMENTS / 2, NEWEST]

function stored({ orders }: Filled, index: number): Order {
  return { ...orderNumber(index), id: orders[index] ?? '' }
}

const ORDER_FILTERS: readonly OrderSelection[] = [
  {},
  { status: ['PENDING'] },
  { status: ['CREATED', 'CLOSED', 'PAID', 'PENDING'] },
  { status: ['CREATED', 'CLOSED'] },
  { platform: 'WECHATPAY' },
  { platform: 'ALIPAY' },
  { hasAnomaly: true },
  { hasAnomaly: false },
  { createdFrom: MIDDLE },
  { createdTo: MIDDLE },
  { createdFrom: MIDDLE, createdTo: LATER },
  { status: ['CLOSED'], createdFrom: MIDDLE },
  { platform: 'WECHATPAY', createdTo: MIDDLE },
  { hasAnomaly: true, createdTo: MIDDLE },
  { hasOpenAnomaly: true },
  { hasOpenAnomaly: false },
  { anomalyKind: ['PAID_AFTER_CLOSE'] },
  { anomalyKind: ['PAID_AFTER_CLOSE', 'DUPLICATE_PAYMENT', 'TRANSACTION_REUSED'] },
  { anomalyKind: ['PAID_BEFORE_ORDER'] },
  { hasAnomaly: true, hasOpenAnomaly: true },
  { hasAnomaly: true, anomalyKind: ['PAID_AFTER_CLOSE'] },
  { hasAnomaly: false, hasOpenAnomaly: false },
  { hasOpenAnomaly: true, createdFrom: MIDDLE },
  { anomalyKind: ['PAID_AFTER_CLOSE'], createdFrom: MIDDLE, createdTo: LATER },
]

/** Every filter, of all merchants, of one, and of one that is not there. */
const ORDER_SELECTIONS = ORDER_FILTERS.flatMap((filter) => [
  filter,
  { ...filter, merchantId: 'acme' },
  { ...filter, merchantId: 'nobody' },
])

const ORDER_CALLS: Calls<Database['orders']> = {
  insert: [({ database }) => database.orders.insert(orderNumber(DOCUMENTS), CHECK)],
  append: OLDEST_FIRST_NEWEST.map((index) => async (all: Filled) => {
    const order = stored(all, index)
    return all.database.orders.append({ ...order, seq: 99 }, order, CHECK)
  }),
  due: [
    ({ database }) => database.orders.due(MIDDLE, { limit: 200, merchants: ['acme', 'brew'] }),
    ({ database }) => database.orders.due(MIDDLE, { limit: 10, merchants: ['brew'] }),
    ({ database }) => database.orders.due(momentOf(-1), { limit: 200, merchants: ['acme', 'brew'] }),
  ],
  // Nothing lies that far ahead; what a recall costs that finds something is another test.
  recall: [({ database }) => database.orders.recall(momentOf(DOCUMENTS), { open: 0, ended: 0 }, MERCHANTS)],
  claim: [(all) => all.database.orders.claim({ order: stored(all, 1), dueAt: momentOf(1), rung: 0 }, CHECK)],
  byId: [...OLDEST_FIRST_NEWEST, -1].map(
    (index) =>
      ({ database, orders }: Filled) =>
        database.orders.byId(orders[index] ?? 'none'),
  ),
  seqs: [({ database, orders }) => database.orders.seqs(orders.slice(0, 2000))],
  changedSince: [
    ({ database }) => database.orders.changedSince(momentOf(NEWEST - 100), { limit: 5000 }),
    ({ database }) => database.orders.changedSince(momentOf(NEWEST + 100), { limit: 5000 }),
    ({ database }) => database.orders.changedSince(momentOf(10), { limit: 50, until: MIDDLE }),
  ],
  byIds: [({ database, orders }) => database.orders.byIds(orders.slice(0, 200))],
  byOutTradeNo: [...OLDEST_FIRST_NEWEST, -1].map(
    (index) =>
      ({ database }: Filled) =>
        database.orders.byOutTradeNo('acme', numberOf(index)),
  ),
  withOutTradeNo: [...OLDEST_FIRST_NEWEST, -1].map(
    (index) =>
      ({ database }: Filled) =>
        database.orders.withOutTradeNo(numberOf(index)),
  ),
  byPlatformTradeNo: [...OLDEST_FIRST_NEWEST, 1, 9991, -1].map(
    (index) =>
      ({ database }: Filled) =>
        database.orders.byPlatformTradeNo('acme', 'WECHATPAY', numberOf(index)),
  ),
  byTransaction: [...OLDEST_FIRST_NEWEST, 1, 9991, -1].map(
    (index) =>
      ({ database }: Filled) =>
        database.orders.byTransaction('acme', 'WECHATPAY', transactionOf(numberOf(index))),
  ),
  list: ORDER_SELECTIONS.flatMap((selection) => [
    ({ database }: Filled) => database.orders.list(selection, { first: 21 }),
    ({ database, orders }: Filled) =>
      database.orders.list(selection, { first: 21, after: orders[DOCUMENTS / 2 + 50] }),
  ]),
  count: ORDER_SELECTIONS.map(
    (selection) =>
      ({ database }: Filled) =>
        database.orders.count(selection),
  ),
  claimQuestion: [
    ({ database, orders }) =>
      database.orders.claimQuestion(orders[1] ?? '', { now: new Date(), gapMs: 2000, leaseMs: 15_000 }),
  ],
  renewQuestion: [
    ({ database, orders }) => database.orders.renewQuestion(orders[1] ?? '', new Date(0), new Date()),
  ],
  releaseQuestion: [({ database, orders }) => database.orders.releaseQuestion(orders[1] ?? '', new Date(0))],
  takeUnreported: [momentOf(-1), MIDDLE, momentOf(DOCUMENTS)].map(
    (dueAt) =>
      ({ database }: Filled) =>
        database.orders.takeUnreported(dueAt, momentOf(DOCUMENTS)),
  ),
  noteReported: [3, 4, 5].map((index) => (all: Filled) => {
    const { id, anomalies } = stored(all, index)
    return all.database.orders.noteReported(
      id,
      anomalies.map((anomaly) => anomaly.id),
    )
  }),
}

const RECEIVED: KeyedNotification = {
  keys: ['key 0', 'content', 'body'],
  readerVersion: 1,
  platform: 'WECHATPAY',
  merchantId: 'acme',
  platformNotificationId: 'EV-0',
  eventType: 'TRANSACTION.SUCCESS',
  verdict: 'VERIFIED',
  explanation: { en: 'It was received.', zh: '已收到。' },
  platformTradeNo: numberOf(0),
  rawHeaders: [],
  rawBody: Buffer.from('{}'),
}

const SETTLEMENT = {
  verdict: 'VERIFIED',
  outcome: 'APPLIED',
  orderId: null,
  explanation: RECEIVED.explanation,
  platformTradeNo: numberOf(1),
  platformNotificationId: 'EV-1',
  eventType: 'TRANSACTION.SUCCESS',
  readerVersion: 1,
  reported: [],
  key: 'key 1',
} as const

const NOTIFICATION_FILTERS: readonly NotificationSelection[] = [
  {},
  { outcome: ['APPLIED'] },
  { outcome: ['UNMATCHED', 'PENDING'] },
  { outcome: ['IGNORED'] },
  { verdict: ['VERIFIED'] },
  { verdict: ['UNDECRYPTABLE'] },
  { verdict: ['VERIFIED', 'UNDECRYPTABLE'] },
]

const NOTIFICATION_SELECTIONS = [
  ...NOTIFICATION_FILTERS.flatMap((filter) => [
    filter,
    { ...filter, merchantId: 'acme' },
    { ...filter, merchantId: 'nobody' },
  ]),
  { orderId: 'none' },
]

const INBOX_CALLS: Calls<Database['inbox']> = {
  receive: [
    ({ database }) => database.inbox.receive(RECEIVED, new Date()),
    ({ database }) => database.inbox.receive({ ...RECEIVED, platformNotificationId: 'EV-new' }, new Date()),
    ({ database }) =>
      database.inbox.receive(
        { ...RECEIVED, platformNotificationId: 'EV-shared', keys: ['key 9', 'content 9', 'body 9'] },
        new Date(),
      ),
    ({ database }) =>
      database.inbox.receive(
        { ...RECEIVED, platformNotificationId: 'EV-shared', keys: ['new', 'new content', 'new body'] },
        new Date(),
      ),
  ],
  unkeyed: ['EV-0', 'EV-8', 'EV-shared', 'EV-new'].map(
    (platformNotificationId) =>
      ({ database }: Filled) =>
        database.inbox.unkeyed({ platform: 'WECHATPAY', merchantId: 'brew', platformNotificationId }),
  ),
  giveKey: [({ database, rows }) => database.inbox.giveKey(rows[18] ?? '', 'a key')],
  ignoredBefore: [
    ({ database }) => database.inbox.ignoredBefore(1, { limit: 100 }),
    ({ database }) => database.inbox.ignoredBefore(2, { limit: 100 }),
    ({ database, rows }) => database.inbox.ignoredBefore(2, { after: rows[DOCUMENTS / 2], limit: 100 }),
  ],
  settle: [({ database, rows }) => database.inbox.settle(rows[1] ?? '', SETTLEMENT)],
  byId: [...OLDEST_FIRST_NEWEST, -1].map(
    (index) =>
      ({ database, rows }: Filled) =>
        database.inbox.byId(rows[index] ?? 'none'),
  ),
  pending: (['VERIFIED', 'UNDECRYPTABLE', 'UNREADABLE'] as const).map(
    (verdict) =>
      ({ database }: Filled) =>
        database.inbox.pending({ verdict, silentSince: new Date() }, 100),
  ),
  unreported: (['UNMATCHED', 'UNREADABLE', 'UNDECRYPTABLE'] as const).flatMap((trouble) => [
    ({ database }: Filled) => database.inbox.unreported({ trouble, receivedBefore: new Date() }, 100),
    ({ database, rows }: Filled) => {
      const after = rows[DOCUMENTS / 2]
      return database.inbox.unreported({ trouble, receivedBefore: new Date(), after }, 10)
    },
  ]),
  takeReport: [
    ({ database, rows }) => database.inbox.takeReport(rows[1] ?? '', 'UNMATCHED', new Date()),
    ({ database, rows }) => database.inbox.takeReport(rows[0] ?? '', 'UNREADABLE', new Date()),
  ],
  noteReport: [({ database, rows }) => database.inbox.noteReport(rows[101] ?? '', 'UNMATCHED')],
  unmatched: [
    ({ database }) => database.inbox.unmatched('acme', [numberOf(1), numberOf(301), numberOf(4)]),
    ({ database }) => database.inbox.unmatched('acme', [numberOf(4)]),
  ],
  list: NOTIFICATION_SELECTIONS.map(
    (selection) =>
      ({ database }: Filled) =>
        database.inbox.list(selection, { first: 21 }),
  ),
  count: NOTIFICATION_SELECTIONS.map(
    (selection) =>
      ({ database }: Filled) =>
        database.inbox.count(selection),
  ),
}

const REJECTION: Rejection = {
  platform: 'WECHATPAY',
  merchantId: 'acme',
  verdict: 'STALE_TIMESTAMP',
  signature: 'valid',
  fingerprint: 'fingerprint 2',
  receivedAt: momentOf(DOCUMENTS),
  rawHeaders: [],
  rawBody: Buffer.from('{}'),
  explain: () => ({ en: 'It was rejected.', zh: '已拒绝。' }),
  findOrderId: async () => 'ord_0123456789abcdef01234567',
}

const REJECTION_FILTERS: readonly NotificationSelection[] = [
  {},
  { verdict: ['UNKNOWN_KEY'] },
  { verdict: ['UNKNOWN_KEY', 'STALE_TIMESTAMP'] },
  { verdict: ['PROBE'] },
]

const REJECTION_SELECTIONS = REJECTION_FILTERS.flatMap((filter) => [
  filter,
  { ...filter, merchantId: 'brew' },
  { ...filter, merchantId: 'nobody' },
])

const REJECTION_CALLS: Calls<Database['rejections']> = {
  add: [
    ({ database }) => database.rejections.add(REJECTION),
    ({ database }) => database.rejections.add({ ...REJECTION, merchantId: 'brew', fingerprint: 'new' }),
    ({ database }) =>
      database.rejections.add({
        ...REJECTION,
        fingerprint: null,
        merchantId: 'nobody',
        signature: 'invalid',
        address: '198.51.100.1',
      }),
  ],
  byId: [({ database, rejections }) => database.rejections.byId(rejections[DOCUMENTS / 2] ?? '')],
  list: [
    ...REJECTION_SELECTIONS.map(
      (selection) =>
        ({ database }: Filled) =>
          database.rejections.list(selection, { first: 21 }),
    ),
    ({ database, orders }) => database.rejections.list({ orderId: orders[2] }, { first: 21 }),
    ({ database, orders, rejections }) =>
      database.rejections.list({ orderId: orders[2] }, { first: 2, before: rejections[25] }),
    ({ database, orders }) =>
      database.rejections.list({ orderId: orders[NEWEST], merchantId: 'acme' }, { first: 21 }),
  ],
  count: [
    ...REJECTION_SELECTIONS.map(
      (selection) =>
        ({ database }: Filled) =>
          database.rejections.count(selection),
    ),
    ({ database, orders }) => database.rejections.count({ orderId: orders[2] }),
    ({ database, orders }) => database.rejections.count({ orderId: orders[NEWEST] }),
  ],
}

describe(`on ${DOCUMENTS} documents, no more is examined than is returned, whatever is asked for`, () => {
  test.each(Object.entries(ORDER_CALLS))('orders.%s', async (_name, calls) => {
    for (const call of calls) await expectFew(call)
  })

  test.each(Object.entries(REJECTION_CALLS))('rejections.%s', async (_name, calls) => {
    for (const call of calls) await expectFew(call)
  })

  test.each(Object.entries(INBOX_CALLS))('inbox.%s', async (_name, calls) => {
    for (const call of calls) await expectFew(call)
  })
})

test('several filters at once stop at a bound, and the next page goes on there', async () => {
  const selection = { status: ['CREATED'], hasAnomaly: false, platform: 'ALIPAY' } as const
  const costs = await costsOf(({ database }) => database.orders.list(selection, { first: 21 }))
  for (const { keys, documents } of costs)
    expect(Math.max(keys, documents)).toBeLessThanOrEqual(MAX_EXAMINED + 1)
  const counted = await costsOf(({ database }) => database.orders.count(selection))
  for (const { keys, documents } of counted)
    expect(Math.max(keys, documents)).toBeLessThanOrEqual(MAX_COUNTED + 1)
})

test('a recall examines the orders that lie too far ahead, and no others', async () => {
  const { client, name, database } = filled
  const orders = client.db(name).collection('orders')
  const noted = noteCommands(name)
  const long = { open: 100_000, ended: 100_000 }
  const recalled = await database.orders.recall(momentOf(DOCUMENTS - 200), long, MERCHANTS)
  noted.stop()
  // The command is explained as it was, with the same orders ahead.
  await orders.updateMany({ status: 'PENDING' }, [{ $set: { nextCheckAt: '$createdAt' } }])
  const [command = {}] = noted.noted
  const cost = await costOf(client.db(name), command)
  expect(recalled).toBeGreaterThanOrEqual(9)
  expect(cost.returned).toBe(9)
  expect(Math.max(cost.keys, cost.documents)).toBeLessThanOrEqual(MAX_PER_DOCUMENT * cost.returned)
})
