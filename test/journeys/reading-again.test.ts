import { expect, test } from 'vitest'
import { readAgain } from '../../src/notify/round.ts'
import { READER_VERSION } from '../../src/platforms/platform.ts'
import { roundPorts } from '../support/asking.ts'
import { lookInto, rowsOf } from '../support/database.ts'
import { openGateway, silentLog, type TestGateway } from '../support/gateway.ts'
import { leaveInInbox, newest, replay, startAgain } from '../support/inbox.ts'
import { paidNotice, post, signedNotice } from '../support/notification.ts'
import { freshTradeNo, payableOrder, readOrder } from '../support/orders.ts'

async function payable() {
  const gateway = await openGateway()
  const { order } = await payableOrder(gateway)
  const ports = roundPorts(gateway)
  return {
    gateway,
    order,
    read: () => readOrder(gateway, order.id),
    readAgain: () => readAgain(ports, silentLog),
  }
}

function entries({ databaseUri }: TestGateway) {
  return rowsOf(databaseUri, 'notifications')
}

/** Makes of every entry what a version would have left that does not handle such notifications. */
function ignoreAll({ databaseUri }: TestGateway, readerVersion = READER_VERSION - 1) {
  const facets = ['outcome:IGNORED', 'verdict:VERIFIED', `ignored:${readerVersion}`]
  const changes = { outcome: 'IGNORED', orderId: null, platformTradeNo: null, readerVersion, facets }
  return lookInto(databaseUri, (database) =>
    database.collection('notifications').updateMany({}, { $set: changes }),
  )
}

test('what an earlier version ignored is read again at the start, once, and pays its order', async () => {
  const { gateway, order, read, readAgain } = await payable()
  await leaveInInbox(gateway, order)
  await ignoreAll(gateway)
  await startAgain(gateway)
  await expect.poll(read).toMatchObject({ status: 'PAID', seq: 3 })
  await expect
    .poll(() => newest(gateway))
    .toMatchObject({ verdict: 'VERIFIED', outcome: 'APPLIED', order: { id: order.id } })
  expect(await readAgain()).toBe(0)
})

test('what cannot be read again and again is not written each time', async () => {
  const { gateway, order } = await payable()
  await leaveInInbox(gateway, order, { verdict: 'UNDECRYPTABLE', apiV3Key: 'x'.repeat(32) })
  const ports = roundPorts(gateway)
  let settled = 0
  const inbox: typeof ports.inbox = {
    ...ports.inbox,
    async settle(...settlement) {
      settled += 1
      await ports.inbox.settle(...settlement)
    },
  }
  // The first time writes down what the reader says of it.
  for (let start = 0; start < 3; start += 1) await readAgain({ ...ports, inbox }, silentLog)
  expect(settled).toBe(1)
  await leaveInInbox(gateway, order, { verdict: 'UNDECRYPTABLE' })
  await readAgain({ ...ports, inbox }, silentLog)
  expect(settled).toBe(2)
})

test('what this version ignored is not read again by it, and what it ignores again is marked', async () => {
  const { gateway, order, read, readAgain } = await payable()
  await leaveInInbox(gateway, order)
  await ignoreAll(gateway, READER_VERSION)
  const before = await entries(gateway)
  expect(await readAgain()).toBe(0)
  expect(await entries(gateway)).toEqual(before)
  expect(await read()).toEqual(order)

  const { order: other } = await payableOrder(gateway)
  await post(gateway, paidNotice(gateway, other, { payment: { trade_state: 'CLOSED' } }))
  await ignoreAll(gateway)
  expect(await readAgain()).toBe(1)
  expect(await entries(gateway)).toMatchObject([
    { outcome: 'APPLIED' },
    {
      outcome: 'IGNORED',
      readerVersion: READER_VERSION,
      explanation: { en: expect.stringContaining('CLOSED') },
    },
  ])
})

test('many that stay ignored do not stand in the way of one that is a payment now', async () => {
  const { gateway, order, read, readAgain } = await payable()
  const gone = { ...gateway.otherMerchant, id: 'gone' }
  await Promise.all(Array.from({ length: 120 }, () => leaveInInbox(gateway, order, { merchant: gone })))
  gateway.advance(1000)
  await leaveInInbox(gateway, order)
  await ignoreAll(gateway)
  expect(await readAgain()).toBe(1)
  expect(await read()).toMatchObject({ status: 'PAID', seq: 3 })
})

test('a replay of what was ignored changes the entry, too', async () => {
  const { gateway, order } = await payable()
  const { id } = await leaveInInbox(gateway, order)
  await ignoreAll(gateway)
  expect(await replay(gateway, id, { dryRun: true })).toMatchObject({
    changes: ['order.paid'],
    notification: { outcome: 'IGNORED', order: null },
  })
  expect(await replay(gateway, id)).toMatchObject({
    changes: ['order.paid'],
    notification: { outcome: 'APPLIED', order: { id: order.id }, en: expect.stringContaining('order.paid') },
    order: { status: 'PAID' },
  })
})

test('a further delivery of what was ignored is read by the version of today', async () => {
  const { gateway, order, read } = await payable()
  const { rawBody } = await leaveInInbox(gateway, order)
  await ignoreAll(gateway)
  expect(await post(gateway, signedNotice(gateway, rawBody.toString()))).toMatchObject({ status: 204 })
  expect(await read()).toMatchObject({ status: 'PAID', seq: 3 })
  expect(await entries(gateway)).toMatchObject([{ outcome: 'APPLIED', attempts: 2, orderId: order.id }])
})

test('what could not be read is applied by the start of a version that can read it', async () => {
  const { gateway, order, read } = await payable()
  const { id } = await leaveInInbox(gateway, order, { verdict: 'UNREADABLE' })
  await startAgain(gateway)
  await expect.poll(read).toMatchObject({ status: 'PAID', seq: 3 })
  await expect.poll(() => newest(gateway)).toMatchObject({ id, verdict: 'VERIFIED', outcome: 'APPLIED' })
})

test('what could not be read is applied by a replay, and by a further delivery, with its entry', async () => {
  const { gateway, order, read } = await payable()
  const { order: other } = await payableOrder(gateway)
  const { id } = await leaveInInbox(gateway, order, { verdict: 'UNREADABLE' })
  expect(await replay(gateway, id)).toMatchObject({
    changes: ['order.paid'],
    notification: { id, verdict: 'VERIFIED', outcome: 'APPLIED', order: { id: order.id } },
  })
  const { rawBody } = await leaveInInbox(gateway, other, { verdict: 'UNREADABLE' })
  expect(await post(gateway, signedNotice(gateway, rawBody.toString()))).toMatchObject({ status: 204 })
  expect(await read()).toMatchObject({ status: 'PAID' })
  expect(await readOrder(gateway, other.id)).toMatchObject({ status: 'PAID' })
  expect(await entries(gateway)).toMatchObject([{ attempts: 1 }, { attempts: 2, outcome: 'APPLIED' }])
})

test('an entry that a replay could read is found by what it says from then on', async () => {
  const { gateway, order } = await payable()
  const payment = { transaction_id: '42000001', success_time: '2099-01-01T00:00:00+08:00' }
  const envelope = { id: 'the-same' }
  const left = { payment, envelope, verdict: 'UNREADABLE' } as const
  const { id } = await leaveInInbox(gateway, order, left)
  await replay(gateway, id)
  // Encrypted anew, so that only its meaning is the same.
  expect(await post(gateway, paidNotice(gateway, order, { payment, envelope }))).toMatchObject({
    status: 204,
  })
  expect(await entries(gateway)).toMatchObject([{ attempts: 2, platformNotificationId: 'the-same' }])
})

test('what was ignored stays so while it cannot be decrypted', async () => {
  const { gateway, order, readAgain } = await payable()
  await leaveInInbox(gateway, order, { apiV3Key: 'x'.repeat(32) })
  await ignoreAll(gateway)
  const before = await entries(gateway)
  expect(await readAgain()).toBe(0)
  expect(await entries(gateway)).toEqual(before)
})

test('what had no order keeps that outcome while it cannot be decrypted', async () => {
  const { gateway } = await payable()
  const unknown = { outTradeNo: freshTradeNo(), amount: { total: 100, currency: 'CNY' } }
  expect(await post(gateway, paidNotice(gateway, unknown))).toMatchObject({ status: 404 })
  const before = await entries(gateway)
  const [{ _id: id } = {}] = before
  const otherKey = { apiV3Keys: [Buffer.from('x'.repeat(32))] } as const
  expect(await replay(await startAgain(gateway, () => otherKey), String(id))).toMatchObject({
    changes: [],
    notification: { verdict: 'VERIFIED', outcome: 'UNMATCHED' },
  })
  expect(await entries(gateway)).toEqual(before)
})

test('what named its order is listed under it, also when it cannot be decrypted any more', async () => {
  const { gateway, order } = await payable()
  const unreadable = paidNotice(gateway, order, { payment: { success_time: '20260101000000' } })
  expect(await post(gateway, unreadable)).toMatchObject({ status: 500 })
  const [before] = await entries(gateway)
  const otherKey = { apiV3Keys: [Buffer.from('x'.repeat(32))] } as const
  const { id } = await newest(gateway)
  expect(await replay(await startAgain(gateway, () => otherKey), id)).toMatchObject({
    notification: { verdict: 'UNDECRYPTABLE', outcome: 'PENDING', order: { id: order.id } },
  })
  const { platformTradeNo, platformNotificationId, eventType } = before ?? {}
  const names = { platformTradeNo, platformNotificationId, eventType, orderId: order.id }
  expect(await entries(gateway)).toMatchObject([{ ...names, platformTradeNo: order.outTradeNo }])
})

test('a replay of what came for a merchant that is gone changes nothing', async () => {
  const { gateway, order } = await payable()
  const gone = { ...gateway.otherMerchant, id: 'gone' }
  const { id } = await leaveInInbox(gateway, order, { merchant: gone })
  const before = await entries(gateway)
  expect(await replay(gateway, id)).toMatchObject({ changes: [], notification: { outcome: 'PENDING' } })
  expect(await entries(gateway)).toEqual(before)
})

test('what an earlier version rejected because it could not read it is admitted by a replay', async () => {
  const { gateway, order, read } = await payable()
  const { headers, body } = paidNotice(gateway, order, { envelope: { create_time: '20260101000000' } })
  const at = gateway.parts.now()
  const rejected = {
    _id: 'rej_0123456789abcdef01234567',
    platform: 'WECHATPAY',
    merchantId: 'acme',
    verdict: 'MALFORMED',
    signature: 'valid',
    fingerprint: 'a fingerprint',
    explanation: { en: 'It is malformed.', zh: '格式错误。' },
    receivedAt: at,
    lastReceivedAt: at,
    attempts: 16,
    rawHeaders: headers.map((pair) => [...pair]),
    rawBody: Buffer.from(body),
    schemaVersion: 1,
  }
  await lookInto(gateway.databaseUri, (database) =>
    database.collection<{ _id: string }>('rejectedNotifications').insertOne(rejected),
  )
  gateway.advance(3_600_000)
  expect(await replay(gateway, rejected._id)).toMatchObject({
    changes: ['order.paid'],
    notification: { id: expect.stringMatching(/^ntf_/), verdict: 'VERIFIED', outcome: 'APPLIED' },
  })
  expect(await read()).toMatchObject({ status: 'PAID' })
})
