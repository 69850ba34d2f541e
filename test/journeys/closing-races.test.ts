import { expect, test } from 'vitest'
import { closeOrder } from '../../src/orders/close-order.ts'
import { recordFact } from '../../src/orders/record-fact.ts'
import { startPayment as startThere } from '../../src/orders/start-payment.ts'
import { anomaliesOf, resolveAnomaly } from '../support/anomalies.ts'
import { close, confirm, readEnd, roundPorts, stateAtPlatform } from '../support/asking.ts'
import { gate, stored, withAccount } from '../support/between-calls.ts'
import { lookInto } from '../support/database.ts'
import { paidNotice, post } from '../support/notification.ts'
import { createdOrder, createOrder, freshTradeNo, payableOrder, readOrder } from '../support/orders.ts'
import { otherSystem } from '../support/other-system.ts'
import { payer, startPayment } from '../support/payments.ts'
import { unswept, unsweptOrder } from '../support/unswept.ts'

const SECOND_MS = 1000
const HOUR_MS = 3600 * SECOND_MS

const PAYER = { platform: 'WECHATPAY', payerId: 'o-payer-1', appId: undefined } as const

test('a payment that was started before the wish to close is closed at the platform before the order is called closed', async () => {
  const { gateway } = await unswept()
  const { order } = await createdOrder(gateway)
  const ports = roundPorts(gateway)
  const known = await stored(gateway, order.id)
  const [reserved, queried, started] = [gate(), gate(), gate()]
  const slowStart = withAccount(ports, (account) => ({
    async prepay(request) {
      reserved.open()
      await queried.opened
      return account.prepay(request)
    },
  }))
  const starting = startThere(slowStart, known, PAYER).finally(started.open)
  starting.catch(() => undefined)
  await reserved.opened
  const slowClose = withAccount(ports, (account) => ({
    async query(tradeNo) {
      const report = await account.query(tradeNo)
      queried.open()
      await started.opened
      return report
    },
  }))
  const closed = await closeOrder(slowClose, known, { reason: 'MERCHANT', source: 'API' })
  expect(closed.status).toBe('CLOSED')
  await starting.catch(() => undefined)
  expect(stateAtPlatform(gateway, order.outTradeNo)).toBe('CLOSED')
})

test('a crash after the close for a further number does not end the order', async () => {
  const { gateway, pass, sweepOnce } = await unswept()
  const expiresAt = new Date(gateway.parts.now().getTime() + 5 * HOUR_MS).toISOString()
  const { order, accessToken } = await payableOrder(gateway, { expiresAt })
  pass(2 * HOUR_MS)
  const ports = roundPorts({ ...gateway, parts: { ...gateway.parts, publicUrl: 'https://pay.example' } })
  const dying = withAccount(ports, (account) => ({
    async close(tradeNo) {
      await account.close(tradeNo)
      throw new Error('killed')
    },
  }))
  await expect(startThere(dying, await stored(gateway, order.id), undefined)).rejects.toThrow('killed')
  expect(stateAtPlatform(gateway, order.outTradeNo)).toBe('CLOSED')
  pass(60 * SECOND_MS)
  await sweepOnce()
  expect(await readEnd(gateway, order.id)).toMatchObject({ status: 'PENDING' })
  expect(await startPayment(gateway, { orderId: order.id }, accessToken)).toMatchObject({
    __typename: 'StartPaymentSuccess',
  })
})

test('payers whose calls were not accepted take no room from others', async () => {
  const { gateway, pass } = await unswept()
  const { order, accessToken } = await createdOrder(gateway)
  gateway.simulator.faults.add({
    kind: 'error',
    status: 429,
    code: 'RATELIMIT_EXCEEDED',
    target: { call: 'prepay' },
  })
  for (let index = 0; index < 10; index += 1)
    await startPayment(gateway, { orderId: order.id, payment: payer(`o-bogus-${index}`) }, accessToken)
  // The order's own number may have been sent by the call that created it.
  expect((await stored(gateway, order.id)).numbers).toMatchObject([{ platformTradeNo: order.outTradeNo }])
  pass(10 * 60 * SECOND_MS)
  await expect
    .poll(() => startPayment(gateway, { orderId: order.id, payment: payer('o-honest') }, accessToken))
    .toMatchObject({ __typename: 'StartPaymentSuccess' })
})

test('a number that the platform never got is forgotten once no call with it can be under way', async () => {
  const { gateway, pass, sweepOnce } = await unswept()
  const { order } = await createdOrder(gateway)
  gateway.simulator.faults.add({ kind: 'drop-before', times: 3, target: { call: 'prepay' } })
  await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-1') })
  expect((await stored(gateway, order.id)).numbers).toHaveLength(1)
  pass(30 * SECOND_MS)
  await sweepOnce()
  expect((await stored(gateway, order.id)).numbers).toHaveLength(1)
  pass(60 * SECOND_MS)
  await sweepOnce()
  expect((await stored(gateway, order.id)).numbers).toEqual([])
})

test.each(['confirmPayment', 'the sweep'])(
  'an order that the platform closed is CLOSED when %s finds out',
  async (who) => {
    const { gateway, order, accessToken, pass, sweepOnce, read } = await unsweptOrder()
    await otherSystem(gateway).close(order.outTradeNo)
    pass(30 * SECOND_MS)
    if (who === 'the sweep') await sweepOnce()
    else await confirm(gateway, order.id, accessToken)
    expect(await read()).toMatchObject({ status: 'CLOSED', closeReason: 'PLATFORM' })
  },
)

test('starting again and again does not put the schedule off', async () => {
  const { gateway, order, accessToken, pass, sweepOnce, pay, read } = await unsweptOrder()
  await pay()
  gateway.simulator.faults.add({
    kind: 'error',
    status: 400,
    code: 'PARAM_ERROR',
    times: 'always',
    target: { call: 'prepay' },
  })
  pass(29 * SECOND_MS)
  await startPayment(gateway, { orderId: order.id, payment: payer('o-impatient') }, accessToken)
  pass(SECOND_MS)
  await sweepOnce()
  expect(await read()).toMatchObject({ status: 'PAID' })
})

test.each([
  [400, 'ORDER_CLOSED'],
  [400, 'ORDERPAID'],
  [403, 'OUT_TRADE_NO_USED'],
])(
  'a first number that the platform refuses (%i %s) and does not know when it is queried is no dead end',
  async (status, code) => {
    const { gateway } = await unswept()
    const outTradeNo = freshTradeNo()
    gateway.simulator.faults.add({ kind: 'error', status, code, target: { call: 'prepay' } })
    expect(await createOrder(gateway, { outTradeNo })).toMatchObject({
      __typename: 'CreateOrderSuccess',
      payment: { wechatpay: {} },
      order: { attempts: [{}] },
    })
  },
)

test('a number that another app of the merchant uses, which is not configured here, is closed like any other', async () => {
  const { gateway } = await unswept()
  const outTradeNo = freshTradeNo()
  await otherSystem(gateway).open(outTradeNo)
  const { order } = await createdOrder(gateway, { outTradeNo })
  const merchants = gateway.parts.merchants.map((merchant) => ({
    ...merchant,
    wechatpay: merchant.wechatpay && {
      ...merchant.wechatpay,
      appIds: [gateway.merchant.appIds[1] ?? ''] as const,
    },
  }))
  const ports = roundPorts({ ...gateway, parts: { ...gateway.parts, merchants } })
  const { order: started } = await startThere(ports, await stored(gateway, order.id), PAYER)
  expect(started.attempts).toHaveLength(1)
  expect(stateAtPlatform(gateway, outTradeNo)).toBe('CLOSED')
})

test('an order that was not started here is queried at its expiry: another system may have been paid under its number', async () => {
  const { gateway, pass, sweepOnce } = await unswept()
  const { order } = await createdOrder(gateway)
  await otherSystem(gateway).open(order.outTradeNo)
  await gateway.simulator.pay({ mchId: gateway.merchant.mchId, outTradeNo: order.outTradeNo })
  pass(3 * HOUR_MS)
  await sweepOnce()
  expect(await readEnd(gateway, order.id)).toMatchObject({ status: 'PAID', anomalies: [] })
})

test('an old sale of another amount under the number does not keep the order from its end', async () => {
  const { gateway, order, pass, sweepOnce, read } = await unsweptOrder()
  const payment = { success_time: '2020-01-01T00:00:00+08:00', amount: { total: 7, currency: 'CNY' } }
  await post(gateway, paidNotice(gateway, order, { payment }))
  pass(HOUR_MS)
  await sweepOnce()
  expect(await read()).toMatchObject({ status: 'CLOSED', anomalies: [{ kind: 'AMOUNT_MISMATCH' }] })
})

test('what a merchant wanted closed is closed as soon as the doubt about its money is resolved', async () => {
  const { gateway, order, sweepOnce, read, pay } = await unsweptOrder()
  await pay()
  gateway.simulator.faults.add({ kind: 'wrong-answer', total: 1, times: 'always' })
  expect(await close(gateway, order.id)).toMatchObject({
    __typename: 'OrderNotPayable',
    message: expect.stringContaining('it is closed once they are resolved'),
  })
  const { apiKey } = gateway.merchant
  const [anomaly] = await anomaliesOf(gateway, order, apiKey)
  const resolving = { orderId: order.id, anomalyId: anomaly?.id ?? '', resolution: 'refunded' }
  await resolveAnomaly(gateway, resolving, apiKey)
  await sweepOnce()
  expect(await read()).toMatchObject({ status: 'CLOSED', closeReason: 'MERCHANT' })
})

test('an order whose transaction another order owns takes further reports all the same', async () => {
  const { gateway } = await unswept()
  const [first, second, third] = await Promise.all(
    [1, 2, 3].map(async () => (await payableOrder(gateway)).order),
  )
  if (first === undefined || second === undefined || third === undefined)
    throw new Error('An order is missing.')
  for (const order of [first, third]) await post(gateway, paidNotice(gateway, order))
  const { transactions } = await stored(gateway, first.id)
  await lookInto(gateway.databaseUri, (database) =>
    database
      .collection<{ _id: string }>('orders')
      .updateOne({ _id: second.id }, { $set: { transactions, status: 'PAID' } }),
  )
  const { transactionId } = await readOrder(gateway, third.id)
  const payment = { transaction_id: transactionId }
  expect(await post(gateway, paidNotice(gateway, second, { payment }))).toMatchObject({ status: 204 })
  const wrong = { amount: { total: 7, currency: 'CNY' } }
  expect(await post(gateway, paidNotice(gateway, second, { payment: wrong }))).toMatchObject({ status: 204 })
  const kinds = (await readOrder(gateway, second.id)).anomalies.map(({ kind }) => kind)
  expect(kinds.toSorted()).toEqual(['AMOUNT_MISMATCH', 'TRANSACTION_REUSED'])
  await expect(
    recordFact(roundPorts(gateway), await stored(gateway, second.id), {
      kind: 'closed',
      reason: 'EXPIRED',
      source: 'SYSTEM',
      occurredAt: new Date(),
      cause: null,
    }),
  ).resolves.toMatchObject({ status: 'PAID' })
})

test('a renewal that the platform refuses for another reason leaves the payment open', async () => {
  const { gateway, pass } = await unswept()
  const expiresAt = new Date(gateway.parts.now().getTime() + 5 * HOUR_MS).toISOString()
  const { order, accessToken } = await payableOrder(gateway, { expiresAt })
  pass(2 * HOUR_MS)
  gateway.simulator.faults.add({
    kind: 'error',
    status: 400,
    code: 'PARAM_ERROR',
    target: { call: 'prepay' },
  })
  expect(await startPayment(gateway, { orderId: order.id }, accessToken)).toMatchObject({
    __typename: 'PlatformRefused',
    code: 'PARAM_ERROR',
  })
  expect(stateAtPlatform(gateway, order.outTradeNo)).toBe('NOTPAY')
})

test('a number that was handed out is kept, although its renewal is refused and the platform does not know it', async () => {
  const { gateway, pass } = await unswept()
  const expiresAt = new Date(gateway.parts.now().getTime() + 5 * HOUR_MS).toISOString()
  const { order, accessToken } = await payableOrder(gateway, { expiresAt })
  pass(2 * HOUR_MS)
  await gateway.simulator.close()
  const simulator = await gateway.reopenPlatform()
  simulator.faults.add({ kind: 'error', status: 400, code: 'PARAM_ERROR', target: { call: 'prepay' } })
  expect(await startPayment(gateway, { orderId: order.id }, accessToken)).toMatchObject({
    __typename: 'PlatformRefused',
  })
  expect((await stored(gateway, order.id)).numbers).toMatchObject([{ platformTradeNo: order.outTradeNo }])
})

test('nothing is opened at the platform for an order that is being closed since it was read', async () => {
  const { gateway } = await unswept()
  const { order } = await payableOrder(gateway)
  const known = await stored(gateway, order.id)
  gateway.simulator.faults.add({ kind: 'close-race', payer: 'leaves', times: 'always' })
  await close(gateway, order.id)
  const before = gateway.simulator.orders().length
  const other = { ...PAYER, payerId: 'o-payer-2' }
  await expect(startThere(roundPorts(gateway), known, other)).rejects.toMatchObject({
    code: 'ORDER_NOT_PAYABLE',
  })
  expect(gateway.simulator.orders()).toHaveLength(before)
})
