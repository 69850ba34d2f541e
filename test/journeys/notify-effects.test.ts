import { expect, test } from 'vitest'
import { confirm, payAtPlatform } from '../support/asking.ts'
import { rowsOf } from '../support/database.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { paidBody, paidNotice, post, signedNotice, type NoticeAnswer } from '../support/notification.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { createdOrder, freshTradeNo, payableOrder, readOrder, type OrderView } from '../support/orders.ts'

const MINUTE_MS = 60 * 1000

function times<T>(count: number, make: (index: number) => T): readonly T[] {
  return Array.from({ length: count }, (_none, index) => make(index))
}

function statusesOf(answers: readonly NoticeAnswer[]): readonly number[] {
  return answers.map(({ status }) => status)
}

function typesOf({ events }: OrderView): readonly string[] {
  return events.map(({ type }) => type)
}

async function payable() {
  const gateway = await openGateway()
  const { order } = await payableOrder(gateway)
  const paid = (payment: object = {}) => post(gateway, paidNotice(gateway, order, { payment }))
  return { gateway, order, paid, read: () => readOrder(gateway, order.id) }
}

function inbox({ databaseUri }: TestGateway) {
  return rowsOf(databaseUri, 'notifications')
}

test('a verified payment marks the order paid, by the time of the platform', async () => {
  const { order, gateway, paid, read } = await payable()
  const payment = { transaction_id: '42000001', success_time: '2099-01-01T08:00:00+08:00' }
  expect(await paid(payment)).toMatchObject({ status: 204, body: undefined })
  expect(await read()).toMatchObject({
    status: 'PAID',
    seq: 3,
    transactionId: '42000001',
    paidAt: '2099-01-01T00:00:00.000Z',
    anomalies: [],
  })
  const applied = { verdict: 'VERIFIED', outcome: 'APPLIED', attempts: 1, orderId: order.id }
  expect(await inbox(gateway)).toMatchObject([applied])
})

test.each([
  ['less', { total: 99, payer_total: 99, currency: 'CNY' }, 'AMOUNT_MISMATCH'],
  ['more', { total: 101, payer_total: 100, currency: 'CNY' }, 'AMOUNT_MISMATCH'],
  ['another currency', { total: 100, payer_total: 100, currency: 'USD' }, 'AMOUNT_MISMATCH'],
])('a payment of %s is an anomaly, once, and the right one still pays', async (_what, amount, kind) => {
  const { gateway, paid, read } = await payable()
  const payment = { amount, transaction_id: '42000001' }
  expect(statusesOf([await paid(payment), await paid(payment)])).toEqual([204, 204])
  expect(await read()).toMatchObject({ status: 'PENDING', seq: 3, transactionId: null, paidAt: null })
  expect((await read()).anomalies).toMatchObject([{ kind }])
  expect(await inbox(gateway)).toMatchObject([{ outcome: 'APPLIED' }, { outcome: 'DUPLICATE' }])

  expect(await paid({ transaction_id: '42000002' })).toMatchObject({ status: 204 })
  expect(await read()).toMatchObject({ status: 'PAID', seq: 4, transactionId: '42000002' })
})

test.each([
  ['another merchant number', { mchid: '1900000999' }],
  ["an app that is not the merchant's", { appid: 'wxbrew0000000000' }],
  ['another service provider', { sp_mchid: '1900000999' }],
  ['another sub-merchant', { sub_mchid: '1900000999' }],
  ["a service provider's app", { sp_appid: 'wxbrew0000000000' }],
  ["a sub-merchant's app", { sub_appid: 'wxbrew0000000000' }],
])('a payment with %s is an anomaly, once, and never pays', async (_what, payee) => {
  const { paid, read } = await payable()
  const payment = { ...payee, transaction_id: '42000001' }
  expect(statusesOf([await paid(payment), await paid(payment)])).toEqual([204, 204])
  expect(await read()).toMatchObject({ status: 'PENDING', seq: 3, transactionId: null })
  expect((await read()).anomalies).toMatchObject([{ kind: 'MERCHANT_MISMATCH' }])
})

test('what a coupon paid for the payer counts', async () => {
  const { paid, read } = await payable()
  const amount = { total: 100, payer_total: 1, currency: 'CNY', payer_currency: 'CNY' }
  expect(await paid({ amount })).toMatchObject({ status: 204 })
  expect(await read()).toMatchObject({ status: 'PAID', payerTotal: 1, anomalies: [] })
})

test('an amount paid that GraphQL cannot show is not shown, and the payment counts', async () => {
  const { paid, read } = await payable()
  expect(await paid({ amount: { total: 100, payer_total: 2 ** 31 } })).toMatchObject({ status: 204 })
  expect(await read()).toMatchObject({ status: 'PAID', payerTotal: null, anomalies: [] })
})

test('a payment that was never started here counts', async () => {
  const gateway = await openGateway()
  const { order } = await createdOrder(gateway)
  expect(order).toMatchObject({ status: 'CREATED', seq: 1, attempts: [] })
  expect(await post(gateway, paidNotice(gateway, order))).toMatchObject({ status: 204 })
  expect(await readOrder(gateway, order.id)).toMatchObject({ status: 'PAID', seq: 2, platform: 'WECHATPAY' })
})

test('a second transaction for a paid order is an anomaly and changes nothing else', async () => {
  const { paid, read } = await payable()
  await paid({ transaction_id: '42000001' })
  const first = await read()
  expect(await paid({ transaction_id: '42000002' })).toMatchObject({ status: 204 })
  const { anomalies, seq, events: _, ...rest } = await read()
  expect(anomalies).toMatchObject([{ kind: 'DUPLICATE_PAYMENT' }])
  expect(anomalies[0]?.detail).toContain('42000002')
  expect(seq).toBe(4)
  expect(first).toMatchObject({ ...rest, status: 'PAID', transactionId: '42000001' })
})

const NO_PAYMENT = { out_trade_no: undefined, trade_state: undefined }

test.each([
  ['an event that nobody knows here', 'COUPON.USE', { ...NO_PAYMENT, coupon_id: '1' }],
  [
    'a combined payment',
    'TRANSACTION.SUCCESS',
    { ...NO_PAYMENT, combine_out_trade_no: 'C1', sub_orders: [] },
  ],
  ['a payment that did not succeed', 'TRANSACTION.SUCCESS', { trade_state: 'PAYERROR' }],
  ['money that was paid back', 'TRANSACTION.PAY_BACK', {}],
  ['a payment of another trade', 'TRANSACTION.INDUSTRY_SUCCESS', {}],
])('%s is kept and ignored', async (_what, event_type, payment) => {
  const { gateway, order, read } = await payable()
  const notice = paidNotice(gateway, order, { payment, envelope: { event_type } })
  expect(await post(gateway, notice)).toMatchObject({ status: 204 })
  expect(await read()).toEqual(order)
  const isNamed = !('out_trade_no' in payment)
  expect(await inbox(gateway)).toMatchObject([
    {
      outcome: 'IGNORED',
      eventType: event_type,
      platformTradeNo: isNamed ? order.outTradeNo : null,
      orderId: isNamed ? order.id : null,
    },
  ])
})

test('an event that the simulator makes up is kept and ignored, and its payment is found by the query', async () => {
  const { gateway, order, read } = await payable()
  gateway.simulator.faults.add({ kind: 'unknown-event' })
  await payAtPlatform(gateway, order)
  await expect.poll(() => inbox(gateway)).toMatchObject([{ outcome: 'IGNORED', orderId: order.id }])
  expect(await read()).toEqual(order)
  expect(await confirm(gateway, order.id, gateway.merchant.apiKey)).toMatchObject({
    order: { status: 'PAID' },
  })
})

test.each([{ refund_status: '' }, { refund_id: null }, { combine_mchid: '' }, { brand_new: { a: 1 } }])(
  'a payment with an additional field marks the order paid: %j',
  async (field) => {
    const { gateway, order, paid, read } = await payable()
    expect(await paid(field)).toMatchObject({ status: 204 })
    expect(await read()).toMatchObject({ status: 'PAID' })
    expect(await inbox(gateway)).toMatchObject([{ outcome: 'APPLIED', orderId: order.id }])
  },
)

test('a payment of which something was refunded already is a payment', async () => {
  const { gateway, order, paid, read } = await payable()
  expect(await paid({ trade_state: 'REFUND' })).toMatchObject({ status: 204 })
  expect(await read()).toMatchObject({ status: 'PAID', platformState: 'REFUND' })
  expect(await inbox(gateway)).toMatchObject([{ outcome: 'APPLIED', orderId: order.id }])
})

test('a payment of an unknown order is asked for again for ten minutes, and then kept', async () => {
  const gateway = await openGateway()
  const order = { outTradeNo: freshTradeNo(), amount: { total: 100, currency: 'CNY' } }
  const body = paidBody(gateway, order)
  const send = () => post(gateway, signedNotice(gateway, body))
  expect(await send()).toMatchObject({ status: 404, body: { code: 'FAIL' } })
  gateway.advance(9 * MINUTE_MS)
  expect(await send()).toMatchObject({ status: 404, body: { code: 'FAIL' } })
  gateway.advance(MINUTE_MS)
  expect(await send()).toMatchObject({ status: 204, body: undefined })
  const unmatched = { outcome: 'UNMATCHED', verdict: 'VERIFIED', attempts: 3, orderId: null }
  expect(await inbox(gateway)).toMatchObject([{ ...unmatched, platformTradeNo: order.outTradeNo }])
  expect(await rowsOf(gateway.databaseUri, 'rejectedNotifications')).toEqual([])
})

test('a payment that was faster than its order is applied when it is sent again', async () => {
  const gateway = await openGateway()
  const outTradeNo = freshTradeNo()
  const body = paidBody(gateway, { outTradeNo, amount: { total: 100, currency: 'CNY' } })
  expect(await post(gateway, signedNotice(gateway, body))).toMatchObject({ status: 404 })
  const { order } = await createdOrder(gateway, { outTradeNo })
  expect(await post(gateway, signedNotice(gateway, body))).toMatchObject({ status: 204 })
  expect(await readOrder(gateway, order.id)).toMatchObject({ status: 'PAID', seq: 2 })
  expect(await inbox(gateway)).toMatchObject([{ outcome: 'APPLIED', attempts: 2, orderId: order.id }])
})

test("another merchant's order of the same number is not what is paid", async () => {
  const { gateway, order, paid, read } = await payable()
  const { outTradeNo } = order
  const theirs = await payableOrder(gateway, { outTradeNo }, gateway.otherMerchant.apiKey)
  await paid()
  expect(await read()).toMatchObject({ status: 'PAID' })
  expect(await readOrder(gateway, theirs.order.id, gateway.operatorKey)).toEqual(theirs.order)
})

test('one notification, fifty times at once, is one event and one row', async () => {
  const { gateway, order, read } = await payable()
  const body = paidBody(gateway, order)
  const answers = await Promise.all(times(50, () => post(gateway, signedNotice(gateway, body))))
  expect(new Set(statusesOf(answers))).toEqual(new Set([204]))
  expect(typesOf(await read())).toEqual(['order.created', 'order.payment_started', 'order.paid'])
  expect(await inbox(gateway)).toMatchObject([{ outcome: 'APPLIED', attempts: 50 }])
})

test('a further delivery of what had its effect is called that, and only counted', async () => {
  const { log, lines } = recordedLog()
  const gateway = await openGateway({ log })
  const { order } = await payableOrder(gateway)
  const body = paidBody(gateway, order)
  await post(gateway, signedNotice(gateway, body))
  const [first] = await inbox(gateway)
  await post(gateway, signedNotice(gateway, body))
  expect(await inbox(gateway)).toEqual([{ ...first, attempts: 2, lastReceivedAt: expect.any(Date) }])
  const situations = lines.flatMap(({ fields }) => ('situation' in fields ? [fields.situation] : []))
  expect(situations).toEqual(['APPLIED', 'DUPLICATE'])
})

test('fifty notifications of one payment at once are one event', async () => {
  const { gateway, paid, read } = await payable()
  const payment = { transaction_id: '42000001' }
  const answers = await Promise.all(times(50, () => paid(payment)))
  expect(new Set(statusesOf(answers))).toEqual(new Set([204]))
  expect(typesOf(await read())).toEqual(['order.created', 'order.payment_started', 'order.paid'])
  const rows = await inbox(gateway)
  expect(rows).toHaveLength(50)
  expect(rows.filter(({ outcome }) => outcome === 'APPLIED')).toHaveLength(1)
  expect(rows.filter(({ outcome }) => outcome === 'DUPLICATE')).toHaveLength(49)
})

test('of many payments of one order at once one pays it, and each other one is an anomaly', async () => {
  const { paid, read } = await payable()
  const transactions = times(20, (index) => `42000000${index}`)
  const answers = await Promise.all(transactions.map((transaction_id) => paid({ transaction_id })))
  expect(new Set(statusesOf(answers))).toEqual(new Set([204]))
  const order = await read()
  expect(order).toMatchObject({ status: 'PAID', seq: 2 + 20 })
  expect(order.events.map(({ seq }) => seq)).toEqual(times(22, (index) => index + 1))
  expect(order.anomalies.map(({ kind }) => kind)).toEqual(times(19, () => 'DUPLICATE_PAYMENT'))
})
