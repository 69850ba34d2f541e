import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { lookInto, rowsOf } from '../support/database.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { graphql } from '../support/graphql.ts'
import { leaveInInbox, newest, replay, replayOperation, startAgain } from '../support/inbox.ts'
import { paidBody, paidNotice, post, signedNotice, type Notice } from '../support/notification.ts'
import { freshTradeNo, payableOrder, readOrder } from '../support/orders.ts'
import { withHeader } from '../support/refusals.ts'
import { seen, watch } from '../support/watching.ts'

async function payable() {
  const gateway = await openGateway()
  const { order, accessToken } = await payableOrder(gateway)
  return { gateway, order, accessToken, read: () => readOrder(gateway, order.id) }
}

function stored({ databaseUri }: TestGateway) {
  return Promise.all([rowsOf(databaseUri, 'notifications'), rowsOf(databaseUri, 'rejectedNotifications')])
}

/** A gateway that does not know the key with which a genuine notification is signed, and refused that notification. */
async function refusedForItsKey(change: (notice: Notice) => Notice = (notice) => notice) {
  const { gateway, order, read } = await payable()
  const isOld = ({ id }: { readonly id: string }): boolean => id !== gateway.merchant.platformKey.id
  const ignorant = await startAgain(gateway, ({ platformKeys }) => ({
    platformKeys: platformKeys.filter(isOld),
  }))
  const notice = change(paidNotice(gateway, order))
  expect(await post(ignorant, notice)).toMatchObject({ status: 401 })
  const { id, verdict } = await newest(gateway)
  expect(verdict).toBe('UNKNOWN_KEY')
  return { gateway, ignorant, order, read, id }
}

test('a dry replay says what would change, and changes nothing', async () => {
  const { gateway, order, read } = await payable()
  const { id } = await leaveInInbox(gateway, order)
  const before = await stored(gateway)
  expect(await replay(gateway, id, { dryRun: true })).toMatchObject({
    __typename: 'ReplayNotificationSuccess',
    changes: ['order.paid'],
    notification: { id, outcome: 'PENDING' },
    order: { id: order.id, status: 'PENDING', seq: 2 },
  })
  expect(await stored(gateway)).toEqual(before)
  expect(await read()).toEqual(order)
})

test('a replay applies what was left behind, and rings', async () => {
  const { gateway, order, accessToken } = await payable()
  const updates = watch(gateway, accessToken, { what: 'orderUpdated', id: order.id })
  await updates.next()
  const { id } = await leaveInInbox(gateway, order)
  expect(await replay(gateway, id)).toMatchObject({
    changes: ['order.paid'],
    notification: { id, outcome: 'APPLIED', order: { id: order.id } },
    order: { status: 'PAID', seq: 3 },
  })
  expect(await updates.next()).toEqual(seen('orderUpdated', { id: order.id, seq: 3, status: 'PAID' }))
})

test('a replay says every change of an order', async () => {
  const { gateway, order } = await payable()
  await post(gateway, paidNotice(gateway, order))
  const { id } = await leaveInInbox(gateway, order)
  for (const dryRun of [true, false]) {
    expect(await replay(gateway, id, { dryRun })).toMatchObject({ changes: ['anomaly.detected'] })
  }
})

test('a replay of a payment whose transaction has paid another order says that anomaly', async () => {
  const { gateway, order } = await payable()
  const { order: other } = await payableOrder(gateway)
  const payment = { transaction_id: '42000077' }
  await post(gateway, paidNotice(gateway, other, { payment }))
  const { id } = await leaveInInbox(gateway, order, { payment })
  for (const dryRun of [true, false]) {
    expect(await replay(gateway, id, { dryRun })).toMatchObject({ changes: ['anomaly.detected'] })
  }
  expect(await readOrder(gateway, order.id)).toMatchObject({
    status: 'PENDING',
    anomalies: [{ kind: 'TRANSACTION_REUSED' }],
  })
  for (const dryRun of [true, false]) {
    expect(await replay(gateway, id, { dryRun })).toMatchObject({ changes: [] })
  }
})

test('a replay says what it changed itself: nothing where the order has the change already', async () => {
  const { gateway, order, read } = await payable()
  await post(gateway, paidNotice(gateway, order))
  const { id } = await newest(gateway)
  // As a crash leaves it after the order was changed.
  const facets = ['outcome:PENDING', 'verdict:VERIFIED', 'waiting:VERIFIED']
  await lookInto(gateway.databaseUri, (database) =>
    database.collection('notifications').updateMany({}, { $set: { outcome: 'PENDING', facets } }),
  )
  const paid = await read()
  expect(await replay(gateway, id, { dryRun: true })).toMatchObject({ changes: [] })
  expect(await replay(gateway, id)).toMatchObject({ changes: [], notification: { outcome: 'APPLIED' } })
  expect(await read()).toEqual(paid)
})

test('of several replays at the same moment, one says the change', async () => {
  const { gateway, order } = await payable()
  const { id } = await leaveInInbox(gateway, order)
  const answers = await Promise.all(Array.from({ length: 5 }, () => replay(gateway, id)))
  expect(answers.flatMap(({ changes }) => changes)).toEqual(['order.paid'])
  for (const { order: seenThen } of answers) expect(seenThen).toMatchObject({ status: 'PAID' })
})

test.each(['APPLIED', 'DUPLICATE'])('a replay of what is %s changes nothing', async (outcome) => {
  const { gateway, order, read } = await payable()
  const payment = { transaction_id: '42000001' }
  await post(gateway, paidNotice(gateway, order, { payment }))
  if (outcome === 'DUPLICATE') await post(gateway, paidNotice(gateway, order, { payment }))
  const settled = await newest(gateway)
  expect(settled).toMatchObject({ outcome })
  const [paid, before] = [await read(), await stored(gateway)]
  for (const dryRun of [true, false]) {
    const answer = await replay(gateway, settled.id, { dryRun })
    expect(answer).toMatchObject({ changes: [], notification: settled, order: paid })
  }
  expect(await stored(gateway)).toEqual(before)
  expect(await read()).toEqual(paid)
})

test('a replay of what is not handled here changes nothing, and says which order it names', async () => {
  const { gateway, order, read } = await payable()
  const unknown = paidNotice(gateway, order, { envelope: { event_type: 'COUPON.USE' } })
  await post(gateway, unknown)
  const ignored = await newest(gateway)
  expect(ignored).toMatchObject({ outcome: 'IGNORED' })
  for (const dryRun of [true, false]) {
    const answer = await replay(gateway, ignored.id, { dryRun })
    expect(answer).toMatchObject({ changes: [], notification: ignored, order })
  }
  expect(await read()).toEqual(order)
})

test('a replay of a payment without an order finds none, and leaves it for the order', async () => {
  const gateway = await openGateway()
  const early = { outTradeNo: freshTradeNo(), amount: { total: 100, currency: 'CNY' } }
  await post(gateway, paidNotice(gateway, early))
  const unmatched = await newest(gateway)
  for (const dryRun of [true, false]) {
    const answer = await replay(gateway, unmatched.id, { dryRun })
    expect(answer).toMatchObject({ changes: [], notification: unmatched, order: null })
  }
})

test('a replay decrypts with the key of today', async () => {
  const { gateway, order } = await payable()
  const apiV3Key = randomBytes(16).toString('hex')
  await post(gateway, signedNotice(gateway, paidBody(gateway, order, { apiV3Key })))
  const { id } = await newest(gateway)
  expect(await replay(gateway, id)).toMatchObject({
    changes: [],
    notification: { verdict: 'UNDECRYPTABLE', outcome: 'PENDING' },
    order: null,
  })
  const corrected = await startAgain(gateway, () => ({ apiV3Keys: [Buffer.from(apiV3Key)] }))
  // The start has applied it already, unless this comes first: the order knows it once either way.
  expect(await replay(corrected, id)).toMatchObject({
    notification: { verdict: 'VERIFIED', outcome: 'APPLIED' },
    order: { status: 'PAID', seq: 3 },
  })
})

test('what was refused for a key that is known now is admitted, hours later, once', async () => {
  const { gateway, read, id } = await refusedForItsKey()
  gateway.advance(5 * 3_600_000)
  const before = await stored(gateway)
  expect(await replay(gateway, id, { dryRun: true })).toMatchObject({
    changes: ['order.paid'],
    notification: { id, outcome: 'REFUSED' },
    order: { status: 'PENDING', seq: 2 },
  })
  expect(await stored(gateway)).toEqual(before)

  const admitted = { verdict: 'VERIFIED', outcome: 'APPLIED' }
  const changed = { notification: admitted, order: { status: 'PAID', seq: 3 } }
  expect(await replay(gateway, id)).toMatchObject({ changes: ['order.paid'], ...changed })
  expect(await replay(gateway, id)).toMatchObject({ changes: [], ...changed })
  expect(await read()).toMatchObject({ status: 'PAID', seq: 3 })
  const [kept, refused] = await stored(gateway)
  expect([kept.length, refused.length]).toEqual([1, 1])
})

test('what was refused and still would be stays refused, and one is told why', async () => {
  const { gateway, ignorant, order, read, id } = await refusedForItsKey()
  for (const dryRun of [true, false]) {
    const answer = await replay(ignorant, id, { dryRun })
    expect(answer).toMatchObject({
      __typename: 'NotFound',
      message: expect.stringContaining('still would be'),
    })
    expect(answer.message).toContain(gateway.merchant.platformKey.id)
  }
  expect(await read()).toEqual(order)
})

function forge(notice: Notice): Notice {
  return withHeader(notice, 'Wechatpay-Signature', randomBytes(256).toString('base64'))
}

test('a forgery is not admitted, whatever keys are known', async () => {
  const { gateway, order, read, id } = await refusedForItsKey(forge)
  expect(await replay(gateway, id)).toMatchObject({ __typename: 'NotFound' })
  expect(await read()).toEqual(order)
})

test('there is no notification to replay', async () => {
  const { gateway, order } = await payable()
  for (const id of ['ntf_0123456789abcdef01234567', 'rej_0123456789abcdef01234567', order.id, '']) {
    expect(await replay(gateway, id)).toMatchObject({ __typename: 'NotFound' })
  }
})

test('replaying is for operators', async () => {
  const { gateway, order, accessToken, read } = await payable()
  const { id } = await leaveInInbox(gateway, order)
  for (const [credential, code] of [
    [gateway.merchant.apiKey, 'FORBIDDEN'],
    [accessToken, 'FORBIDDEN'],
    [undefined, 'UNAUTHENTICATED'],
  ] as const) {
    for (const dryRun of [true, false]) {
      const { errors } = await graphql(gateway.url, credential, replayOperation(id, dryRun))
      expect(errors).toMatchObject([{ extensions: { code } }])
    }
  }
  expect(await read()).toEqual(order)
})
