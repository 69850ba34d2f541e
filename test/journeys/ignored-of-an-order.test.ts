import { expect, test } from 'vitest'
import { readAgain, reportTroubles } from '../../src/notify/round.ts'
import { READER_VERSION } from '../../src/platforms/platform.ts'
import { roundPorts } from '../support/asking.ts'
import { lookInto, rowsOf } from '../support/database.ts'
import { openGateway, silentLog } from '../support/gateway.ts'
import { newest, notifications, replay } from '../support/inbox.ts'
import { paidNotice, post, type NoticeChanges } from '../support/notification.ts'
import { createdOrder, freshTradeNo, payableOrder, readOrder } from '../support/orders.ts'
import { recordedLog } from '../support/recorded-log.ts'

const AMOUNT = { total: 100, currency: 'CNY' }

async function payable() {
  const { log, lines } = recordedLog()
  const gateway = await openGateway({ log })
  const { order } = await payableOrder(gateway)
  const listAs = (credential: string, orderId = order.id) =>
    notifications(gateway, credential, { filter: { orderId } })
  return { gateway, order, log, lines, listAs, read: () => readOrder(gateway, order.id) }
}

const IGNORED: readonly (readonly [string, NoticeChanges])[] = [
  ['money that was paid back', { envelope: { event_type: 'TRANSACTION.PAY_BACK' } }],
  ['an event that is not documented', { envelope: { event_type: 'TRANSACTION.NEW' } }],
  ['a payment that was not made', { payment: { trade_state: 'NOTPAY' } }],
  ['the result of a refund', { payment: { out_refund_no: 'R1', trade_state: undefined } }],
]

test.each(IGNORED)('%s is ignored, and found by the order that it names', async (_what, changes) => {
  const { gateway, order, lines, listAs, read } = await payable()
  expect(await post(gateway, paidNotice(gateway, order, changes))).toMatchObject({ status: 204 })
  for (const credential of [gateway.operatorKey, gateway.merchant.apiKey]) {
    expect(await listAs(credential)).toMatchObject({
      totalCount: 1,
      nodes: [{ verdict: 'VERIFIED', outcome: 'IGNORED', order: { id: order.id } }],
    })
  }
  expect(await listAs(gateway.otherMerchant.apiKey)).toMatchObject({ totalCount: 0 })
  expect(await read()).toEqual(order)
  const written = { fields: { situation: 'IGNORED', outTradeNo: order.outTradeNo }, message: 'notification' }
  expect(lines.filter(({ message }) => message === 'notification')).toMatchObject([written])
})

test('what is ignored and names an order that does not exist is answered 204, never reported, and waits for no order', async () => {
  const { gateway, log, lines, listAs } = await payable()
  const outTradeNo = freshTradeNo()
  const changes = { envelope: { event_type: 'TRANSACTION.PAY_BACK' } }
  const notice = paidNotice(gateway, { outTradeNo, amount: AMOUNT }, changes)
  expect(await post(gateway, notice)).toMatchObject({ status: 204 })
  const { order } = await createdOrder(gateway, { outTradeNo })
  expect(order).toMatchObject({ status: 'CREATED' })
  gateway.advance(3_600_000)
  await reportTroubles(roundPorts(gateway), log)
  expect(lines.filter(({ level }) => level === 'error')).toEqual([])
  const rows = await rowsOf(gateway.databaseUri, 'notifications')
  expect(rows).toMatchObject([{ outcome: 'IGNORED', platformTradeNo: outTradeNo, orderId: null }])
  expect(rows[0]?.['facets']).toEqual(['outcome:IGNORED', 'verdict:VERIFIED', `ignored:${READER_VERSION}`])
  expect(await listAs(gateway.operatorKey, order.id)).toMatchObject({ totalCount: 0 })
})

test("what is ignored and names another merchant's order is listed under no order", async () => {
  const { gateway, listAs } = await payable()
  const { order: theirs } = await payableOrder(gateway, {}, gateway.otherMerchant.apiKey)
  const changes = { envelope: { event_type: 'TRANSACTION.PAY_BACK' } }
  await post(gateway, paidNotice(gateway, theirs, changes))
  expect(await newest(gateway)).toMatchObject({ outcome: 'IGNORED', merchantId: 'acme', order: null })
  for (const credential of [gateway.operatorKey, gateway.otherMerchant.apiKey])
    expect(await listAs(credential, theirs.id)).toMatchObject({ totalCount: 0 })
})

test('what an earlier version ignored without its order is found by it after the start, or a replay', async () => {
  const { gateway, order, listAs, read } = await payable()
  const changes = { envelope: { event_type: 'TRANSACTION.PAY_BACK' } }
  await post(gateway, paidNotice(gateway, order, changes))
  const forget = () => {
    const readerVersion = READER_VERSION - 1
    const facets = ['outcome:IGNORED', 'verdict:VERIFIED', `ignored:${readerVersion}`]
    const unnamed = { orderId: null, platformTradeNo: null, readerVersion, facets }
    return lookInto(gateway.databaseUri, (database) =>
      database.collection('notifications').updateMany({}, { $set: unnamed }),
    )
  }
  await forget()
  expect(await listAs(gateway.operatorKey)).toMatchObject({ totalCount: 0 })
  await readAgain(roundPorts(gateway), silentLog)
  const found = { totalCount: 1, nodes: [{ outcome: 'IGNORED', order: { id: order.id } }] }
  expect(await listAs(gateway.operatorKey)).toMatchObject(found)
  await forget()
  const { id } = await newest(gateway)
  expect(await replay(gateway, id, { dryRun: true })).toMatchObject({ changes: [], order: { id: order.id } })
  expect(await replay(gateway, id)).toMatchObject({ changes: [], order: { id: order.id } })
  expect(await listAs(gateway.operatorKey)).toMatchObject(found)
  expect(await read()).toEqual(order)
})
