import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { applyPending, readAgain } from '../../src/notify/round.ts'
import { roundPorts } from '../support/asking.ts'
import { lookInto, rowsOf } from '../support/database.ts'
import { openGateway, silentLog, type TestGateway } from '../support/gateway.ts'
import { leaveInInbox, newest, startAgain } from '../support/inbox.ts'
import { paidNotice, post, signedNotice } from '../support/notification.ts'
import { createOrder, freshTradeNo, payableOrder, readOrder } from '../support/orders.ts'
import { payer, startPayment } from '../support/payments.ts'
import { seen, watch } from '../support/watching.ts'

const SETTLED_MS = 10_000
const HOUR_MS = 3_600_000

async function payable() {
  const gateway = await openGateway()
  const { order, accessToken } = await payableOrder(gateway)
  const ports = roundPorts(gateway)
  return {
    gateway,
    order,
    accessToken,
    applyPending: () => applyPending(ports, silentLog),
    readAgain: () => readAgain(ports, silentLog),
    read: () => readOrder(gateway, order.id),
  }
}

function inbox({ databaseUri }: TestGateway) {
  return rowsOf(databaseUri, 'notifications')
}

test('what was stored and not applied because of a crash is applied by the round, and rings', async () => {
  const gateway = await openGateway({ roundPauses: { orders: HOUR_MS, inbox: 10 } })
  const { order, accessToken } = await payableOrder(gateway)
  const updates = watch(gateway, accessToken, { what: 'orderUpdated', id: order.id })
  await updates.next()
  await leaveInInbox(gateway, order)
  gateway.advance(SETTLED_MS)
  expect(await updates.next()).toEqual(seen('orderUpdated', { id: order.id, seq: 3, status: 'PAID' }))
  expect((await readOrder(gateway, order.id)).events[2]).toMatchObject({ source: 'NOTIFY' })
})

test('the round at the start applies what the last process left behind', async () => {
  const { gateway, order, read } = await payable()
  await leaveInInbox(gateway, order)
  gateway.advance(SETTLED_MS)
  await startAgain(gateway)
  await expect.poll(read).toMatchObject({ status: 'PAID', seq: 3 })
})

test('the round leaves alone what a delivery may still be at work on', async () => {
  const { gateway, order, applyPending, read } = await payable()
  await leaveInInbox(gateway, order)
  expect(await applyPending()).toBe(0)
  expect(await read()).toEqual(order)
  gateway.advance(SETTLED_MS)
  expect([await applyPending(), await applyPending()]).toEqual([1, 0])
  expect(await read()).toMatchObject({ status: 'PAID', seq: 3 })
  expect(await inbox(gateway)).toMatchObject([{ outcome: 'APPLIED', orderId: order.id }])
})

test('after a crash between the order and the row, the row says what it did, and nothing is done twice', async () => {
  const { gateway, order, applyPending, read } = await payable()
  await post(gateway, paidNotice(gateway, order))
  const paid = await read()
  const [before] = await inbox(gateway)
  await lookInto(gateway.databaseUri, (database) =>
    database.collection('notifications').updateOne(
      {},
      {
        $set: {
          outcome: 'PENDING',
          orderId: null,
          facets: ['outcome:PENDING', 'verdict:VERIFIED', 'waiting:VERIFIED'],
        },
      },
    ),
  )
  gateway.advance(SETTLED_MS)
  expect(await applyPending()).toBe(1)
  expect(await read()).toEqual(paid)
  expect(await inbox(gateway)).toEqual([before])
})

test('what was left behind for a payment that is known by now is a duplicate', async () => {
  const { gateway, order, applyPending, read } = await payable()
  const payment = { transaction_id: '42000001' }
  await leaveInInbox(gateway, order, { payment })
  await post(gateway, paidNotice(gateway, order, { payment }))
  gateway.advance(SETTLED_MS)
  await applyPending()
  expect(await read()).toMatchObject({ status: 'PAID', seq: 3 })
  expect((await inbox(gateway)).map(({ outcome }) => outcome)).toEqual(['DUPLICATE', 'APPLIED'])
})

test('two rounds over one inbox at once do everything once', async () => {
  const { gateway, order, applyPending, read } = await payable()
  await Promise.all(Array.from({ length: 10 }, () => leaveInInbox(gateway, order)))
  gateway.advance(SETTLED_MS)
  await Promise.all([applyPending(), applyPending()])
  const { status, seq, anomalies } = await read()
  expect({ status, seq, anomalies: anomalies.length }).toEqual({ status: 'PAID', seq: 12, anomalies: 9 })
  expect(new Set((await inbox(gateway)).map(({ outcome }) => outcome))).toEqual(new Set(['APPLIED']))
})

test('a payment that was faster than its order pays it the moment it is created', async () => {
  const gateway = await openGateway()
  const outTradeNo = freshTradeNo()
  const early = { outTradeNo, amount: { total: 100, currency: 'CNY' } }
  expect(await post(gateway, paidNotice(gateway, early))).toMatchObject({ status: 404 })
  const created = await createOrder(gateway, { outTradeNo })
  expect(created).toMatchObject({
    __typename: 'CreateOrderSuccess',
    payment: null,
    order: { status: 'PAID', seq: 2, attempts: [], events: [{}, { source: 'NOTIFY' }] },
  })
  const id = created.order?.id
  expect(await inbox(gateway)).toMatchObject([{ outcome: 'APPLIED', orderId: id }])
})

test('an early payment of another amount, or of another merchant, does not pay the order', async () => {
  const gateway = await openGateway()
  const outTradeNo = freshTradeNo()
  const early = { outTradeNo, amount: { total: 1, currency: 'CNY' } }
  const theirs = { outTradeNo, amount: { total: 100, currency: 'CNY' } }
  await post(gateway, paidNotice(gateway, early))
  await post(gateway, paidNotice(gateway, theirs, { merchant: gateway.otherMerchant }), 'brew')
  const created = await createOrder(gateway, { outTradeNo })
  expect(created).toMatchObject({ order: { status: 'PENDING', anomalies: [{ kind: 'AMOUNT_MISMATCH' }] } })
  expect(created.payment).not.toBeNull()
  expect((await inbox(gateway)).map(({ outcome }) => outcome)).toEqual(['APPLIED', 'UNMATCHED'])
})

test('a payment that was not matched is applied when its order is asked for again, under whichever of its numbers', async () => {
  const { gateway, order, read } = await payable()
  await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-2') })
  const [, further] = (await gateway.parts.database.orders.byId(order.id))?.numbers ?? []
  const outTradeNo = further?.platformTradeNo ?? ''
  expect(outTradeNo).toMatch(/-[0-9a-f]{10}$/)
  await leaveInInbox(gateway, { ...order, outTradeNo })
  const unmatched = { outcome: 'UNMATCHED', facets: [`unmatched:${outTradeNo}`] }
  await lookInto(gateway.databaseUri, (database) =>
    database.collection('notifications').updateOne({}, { $set: unmatched }),
  )
  await createOrder(gateway, { outTradeNo: order.outTradeNo })
  expect(await read()).toMatchObject({ status: 'PAID' })
  expect(await inbox(gateway)).toMatchObject([{ outcome: 'APPLIED', orderId: order.id }])
})

test('what could not be decrypted is applied at the next start with the right key', async () => {
  const { gateway, order, read } = await payable()
  const apiV3Key = randomBytes(16).toString('hex')
  expect(await post(gateway, paidNotice(gateway, order, { apiV3Key }))).toMatchObject({ status: 500 })
  const sealed = await newest(gateway)
  expect(sealed).toMatchObject({ verdict: 'UNDECRYPTABLE', outcome: 'PENDING', order: null })

  // Hours later: nobody asks the old timestamp again.
  gateway.advance(5 * HOUR_MS)
  await startAgain(gateway, () => ({ apiV3Keys: [Buffer.from(apiV3Key)] }))
  await expect.poll(read).toMatchObject({ status: 'PAID', seq: 3 })
  await expect
    .poll(() => newest(gateway))
    .toMatchObject({
      id: sealed.id,
      verdict: 'VERIFIED',
      outcome: 'APPLIED',
      order: { id: order.id },
    })
})

test('a start with the wrong key leaves everything for the next', async () => {
  const { gateway, order, readAgain, read } = await payable()
  const apiV3Key = randomBytes(16).toString('hex')
  await post(gateway, paidNotice(gateway, order, { apiV3Key }))
  const sealed = await newest(gateway)
  expect(await readAgain()).toBe(0)
  expect(await newest(gateway)).toEqual(sealed)
  expect(await read()).toEqual(order)
})

test('many that cannot be decrypted do not stand in the way of one that can', async () => {
  const { gateway, order, readAgain, read } = await payable()
  const apiV3Key = randomBytes(16).toString('hex')
  const sealedForGood = { merchant: gateway.otherMerchant, apiV3Key, verdict: 'UNDECRYPTABLE' } as const
  await Promise.all(Array.from({ length: 120 }, () => leaveInInbox(gateway, order, sealedForGood)))
  gateway.advance(1000)
  await leaveInInbox(gateway, order, { verdict: 'UNDECRYPTABLE' })
  expect(await readAgain()).toBe(1)
  expect(await read()).toMatchObject({ status: 'PAID', seq: 3 })
})

test('a verified payment whose merchant is gone waits, and does not stand in the way', async () => {
  const { gateway, order, applyPending, read } = await payable()
  const gone = { ...gateway.otherMerchant, id: 'gone' }
  await Promise.all(Array.from({ length: 120 }, () => leaveInInbox(gateway, order, { merchant: gone })))
  gateway.advance(1000)
  await leaveInInbox(gateway, order)
  gateway.advance(SETTLED_MS)
  expect(await applyPending()).toBe(1)
  expect(await read()).toMatchObject({ status: 'PAID', seq: 3 })
})

test('a row that cannot be applied waits, and does not stand in the way', async () => {
  const { gateway, order, applyPending, read } = await payable()
  const { order: broken } = await payableOrder(gateway)
  await leaveInInbox(gateway, broken)
  await leaveInInbox(gateway, order)
  await lookInto(gateway.databaseUri, (database) =>
    database.collection<{ _id: string }>('orders').updateOne({ _id: broken.id }, { $unset: { amount: 1 } }),
  )
  gateway.advance(SETTLED_MS)
  expect(await applyPending()).toBe(1)
  expect(await read()).toMatchObject({ status: 'PAID', seq: 3 })
  expect((await inbox(gateway)).map(({ outcome }) => outcome)).toEqual(['PENDING', 'APPLIED'])
})

test('a gateway that is stopping applies nothing further, and the next one does', async () => {
  const { gateway, order, applyPending: applyAll, read } = await payable()
  await leaveInInbox(gateway, order)
  gateway.advance(SETTLED_MS)
  expect(await applyPending(roundPorts(gateway), silentLog, AbortSignal.abort())).toBe(0)
  expect(await read()).toEqual(order)
  expect(await applyAll()).toBe(1)
  expect(await read()).toMatchObject({ status: 'PAID', seq: 3 })
})

test('a further delivery of what a crash left behind applies it at once', async () => {
  const { gateway, order, read } = await payable()
  const { rawBody } = await leaveInInbox(gateway, order)
  expect(await post(gateway, signedNotice(gateway, rawBody.toString()))).toMatchObject({ status: 204 })
  expect(await read()).toMatchObject({ status: 'PAID', seq: 3 })
  expect(await inbox(gateway)).toMatchObject([{ outcome: 'APPLIED', attempts: 2 }])
})
