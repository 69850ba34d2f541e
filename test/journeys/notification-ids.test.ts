import { expect, test } from 'vitest'
import { rowsOf } from '../support/database.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { notifications } from '../support/inbox.ts'
import { paidBody, post, signedNotice } from '../support/notification.ts'
import { freshTradeNo, payableOrder, readOrder, type OrderView } from '../support/orders.ts'

const ENVELOPE = { id: 'the-same' }
const PAID_AT = '2099-01-01T00:00:00+08:00'

async function opened() {
  const gateway = await openGateway()
  const { order } = await payableOrder(gateway)
  /** Posts a payment under the one id, encrypted anew each time. */
  const pay = async (payment: object = {}, of: Pick<OrderView, 'outTradeNo' | 'amount'> = order) => {
    const said = { transaction_id: '42000001', success_time: PAID_AT, ...payment }
    const body = paidBody(gateway, of, { envelope: ENVELOPE, payment: said })
    return (await post(gateway, signedNotice(gateway, body))).status
  }
  return { gateway, order, pay, read: () => readOrder(gateway, order.id) }
}

function inbox({ databaseUri }: TestGateway) {
  return rowsOf(databaseUri, 'notifications')
}

test('two payments under one id are two entries, and each has its effect', async () => {
  const { gateway, order, pay, read } = await opened()
  const { order: other } = await payableOrder(gateway)
  expect(await pay()).toBe(204)
  expect(await pay({ transaction_id: '42000002' }, other)).toBe(204)
  expect(await read()).toMatchObject({ status: 'PAID', transactionId: '42000001' })
  expect(await readOrder(gateway, other.id)).toMatchObject({ status: 'PAID', transactionId: '42000002' })
  const entry = { platformNotificationId: 'the-same', outcome: 'APPLIED', attempts: 1 }
  expect(await inbox(gateway)).toMatchObject([
    { ...entry, orderId: order.id },
    { ...entry, orderId: other.id },
  ])
})

test('a wrong amount first and the right one later under one id: the right one pays', async () => {
  const { gateway, pay, read } = await opened()
  expect(await pay({ amount: { total: 1, currency: 'CNY' } })).toBe(204)
  expect(await read()).toMatchObject({ status: 'PENDING', anomalies: [{ kind: 'AMOUNT_MISMATCH' }] })
  expect(await pay()).toBe(204)
  expect(await read()).toMatchObject({ status: 'PAID', transactionId: '42000001' })
  expect(await inbox(gateway)).toMatchObject([{ outcome: 'APPLIED' }, { outcome: 'APPLIED' }])
})

test.each([
  ['another transaction', { transaction_id: '42000002' }],
  ['another state', { trade_state: 'REFUND' }],
  ['another amount', { amount: { total: 99, currency: 'CNY' } }],
  ['another currency', { amount: { total: 100, currency: 'USD' } }],
  ['another sum paid', { amount: { total: 100, payer_total: 1, currency: 'CNY' } }],
  ['another payee', { mchid: '1900000999' }],
  ['another sub-merchant', { sub_mchid: '1900000999' }],
  ['another payer', { payer: { openid: 'o-payer-2' } }],
  ['another time', { success_time: '2099-01-01T00:00:01+08:00' }],
])('%s under one id has an entry of its own', async (_what, payment) => {
  const { gateway, pay } = await opened()
  const statuses = [await pay(), await pay(payment), await pay(payment), await pay()]
  expect(statuses).toEqual([204, 204, 204, 204])
  expect((await inbox(gateway)).map(({ attempts }) => Number(attempts))).toEqual([2, 2])
})

test('the same payment under one id is counted on its entry, however it is written and encrypted', async () => {
  const { gateway, pay } = await opened()
  await pay()
  await pay({ trade_state_desc: undefined, bank_type: 'CMB', success_time: '2098-12-31T16:00:00Z' })
  expect(await inbox(gateway)).toMatchObject([{ outcome: 'APPLIED', attempts: 2 }])
})

test('many payments under one id at once are all there', async () => {
  const { gateway, pay } = await opened()
  const orders = await Promise.all(Array.from({ length: 10 }, () => payableOrder(gateway)))
  const deliveries = orders.flatMap(({ order }, index) =>
    Array.from({ length: 3 }, () => pay({ transaction_id: `4200000${index}` }, order)),
  )
  expect(new Set(await Promise.all(deliveries))).toEqual(new Set([204]))
  for (const { order } of orders) expect(await readOrder(gateway, order.id)).toMatchObject({ status: 'PAID' })
  const rows = await inbox(gateway)
  expect(rows.map(({ outcome, attempts }) => [String(outcome), Number(attempts)])).toEqual(
    orders.map(() => ['APPLIED', 3]),
  )
})

test('of two unknown orders under one id, each is paid when it appears', async () => {
  const { gateway, pay } = await opened()
  const [first, second] = [freshTradeNo(), freshTradeNo()]
  const amount = { total: 100, currency: 'CNY' }
  expect(await pay({}, { outTradeNo: first, amount })).toBe(404)
  expect(await pay({}, { outTradeNo: second, amount })).toBe(404)
  const { nodes } = await notifications(gateway, gateway.operatorKey)
  expect(nodes).toMatchObject([{ outcome: 'UNMATCHED' }, { outcome: 'UNMATCHED' }])
  expect(nodes.map(({ id }) => id)).toEqual(
    nodes
      .map(({ id }) => id)
      .toSorted()
      .reverse(),
  )
})

test('two events under one id that are not handled here are two entries', async () => {
  const { gateway, order } = await opened()
  for (const coupon_id of ['1', '2', '1']) {
    const payment = { coupon_id, transaction_id: '42000001', success_time: PAID_AT }
    const envelope = { ...ENVELOPE, event_type: 'COUPON.USE' }
    const body = paidBody(gateway, order, { envelope, payment })
    expect(await post(gateway, signedNotice(gateway, body))).toMatchObject({ status: 204 })
  }
  expect(await inbox(gateway)).toMatchObject([
    { outcome: 'IGNORED', attempts: 2 },
    { outcome: 'IGNORED', attempts: 1 },
  ])
})
