import mongoose from 'mongoose'
import { expect, onTestFinished, test } from 'vitest'
import { freshDatabaseUri } from '../../test/support/database.ts'
import { NOTIFICATIONS } from './notification-record.ts'
import { notificationInbox, type KeyedNotification, type Settlement } from './notification.ts'
import { prepareCollection } from './prepare.ts'

const NOW = new Date('2026-01-01T00:00:00Z')
const EXPLANATION = { en: 'It was received.', zh: '已收到。' }

async function opened() {
  const connection = await mongoose.createConnection(freshDatabaseUri()).asPromise()
  onTestFinished(() => connection.close())
  const inbox = notificationInbox(connection)
  await prepareCollection(connection.getClient().db(), NOTIFICATIONS, { info: () => undefined })
  const receive = (keys: KeyedNotification['keys']) => inbox.receive(received(keys), NOW)
  return { inbox, receive, rows: async () => (await inbox.list({}, { first: 100 })).rows.toReversed() }
}

function received(keys: KeyedNotification['keys']): KeyedNotification {
  return {
    platform: 'WECHATPAY',
    merchantId: 'acme',
    keys,
    platformNotificationId: 'n1',
    eventType: 'TRANSACTION.SUCCESS',
    verdict: 'UNDECRYPTABLE',
    readerVersion: 1,
    explanation: EXPLANATION,
    platformTradeNo: null,
    rawHeaders: [['a', 'b']],
    rawBody: Buffer.from('{}'),
  }
}

function settlement(key: string, changes: Partial<Settlement> = {}): Settlement {
  return {
    key,
    verdict: 'VERIFIED',
    readerVersion: 1,
    outcome: 'APPLIED',
    orderId: 'ord_1',
    explanation: EXPLANATION,
    platformTradeNo: 'T00001',
    platformNotificationId: 'n1',
    eventType: 'TRANSACTION.SUCCESS',
    reported: [],
    ...changes,
  }
}

test('of many first deliveries at once, by whichever of its keys, one makes the entry and the others are counted', async () => {
  const { receive, rows } = await opened()
  const deliveries = Array.from({ length: 100 }, () => receive(['what it says', 'its content', 'its bytes']))
  expect(new Set((await Promise.all(deliveries)).map(({ id }) => id)).size).toBe(1)
  await receive(['another reading of it', 'what it says'])
  expect(await rows()).toMatchObject([{ attempts: 101 }])
})

test('what had its effect keeps it, whatever a slower delivery wants to write', async () => {
  const { inbox, receive } = await opened()
  const { id } = await receive(['bytes'])
  await inbox.settle(id, settlement('fact'))
  await inbox.settle(id, settlement('fact', { outcome: 'UNMATCHED', orderId: null }))
  expect(await inbox.byId(id)).toMatchObject({ outcome: 'APPLIED', orderId: 'ord_1' })
})

test.each(['PENDING', 'UNMATCHED', 'IGNORED'] as const)('%s is not final', async (outcome) => {
  const { inbox, receive } = await opened()
  const { id } = await receive(['bytes'])
  await inbox.settle(id, settlement('bytes', { outcome, orderId: null }))
  await inbox.settle(id, settlement('fact'))
  expect(await inbox.byId(id)).toMatchObject({ outcome: 'APPLIED', orderId: 'ord_1' })
})

test('an entry that turns out to say what another entry says is settled too, and keeps its own key', async () => {
  const { inbox, receive, rows } = await opened()
  const { id } = await receive(['bytes'])
  const { id: other } = await receive(['fact', 'other bytes'])
  await inbox.settle(other, settlement('fact'))
  await inbox.settle(id, settlement('fact', { outcome: 'DUPLICATE' }))
  await receive(['fact', 'third bytes'])
  await receive(['bytes'])
  expect(await rows()).toMatchObject([
    { id, outcome: 'DUPLICATE', attempts: 2 },
    { id: other, outcome: 'APPLIED', attempts: 2 },
  ])
})
