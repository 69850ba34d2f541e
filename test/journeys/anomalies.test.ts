import { expect, test } from 'vitest'
import {
  anomaliesOf,
  ordersWithAnomaly,
  resolveAnomaly,
  type AnomalyView,
  type Resolving,
} from '../support/anomalies.ts'
import { close, payAtPlatform } from '../support/asking.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { payableOrder, readOrder, type OrderView } from '../support/orders.ts'
import { payer, startPayment } from '../support/payments.ts'
import { seen, watch } from '../support/watching.ts'

/** An order, and a watcher that has seen it as it is. */
async function watched() {
  const gateway = await openGateway()
  const { order, accessToken } = await payableOrder(gateway)
  const updates = watch(gateway, accessToken, { what: 'orderUpdated', id: order.id })
  await updates.next()
  return { gateway, order, accessToken, updates, read: () => readOrder(gateway, order.id) }
}

/** An order that was paid after it had been closed. */
async function paidAfterClose() {
  const opened = await watched()
  const { gateway, order, updates } = opened
  await close(gateway, order.id)
  await updates.next()
  const { transactionId } = await payAtPlatform(gateway, order, { evenIfClosed: true })
  await updates.next()
  return { ...opened, transactionId }
}

/** Merchant, operator and the payer's page see the same of it. */
async function expectSeenByAll(
  gateway: TestGateway,
  order: OrderView,
  anomaly: Pick<AnomalyView, 'kind' | 'transactionId' | 'amount'> & { readonly detail: unknown },
): Promise<void> {
  const open = { ...anomaly, detectedAt: expect.any(String), resolvedAt: null, resolution: null }
  for (const credential of [gateway.merchant.apiKey, gateway.operatorKey]) {
    expect(await anomaliesOf(gateway, order, credential)).toMatchObject([open])
    expect(await ordersWithAnomaly(gateway, true, credential)).toEqual([order.id])
    expect(await ordersWithAnomaly(gateway, false, credential)).not.toContain(order.id)
  }
  expect(await ordersWithAnomaly(gateway, true, gateway.otherMerchant.apiKey)).toEqual([])
}

test('money for a closed order makes it PAID, rings, and is an anomaly', async () => {
  const { gateway, order, transactionId, read } = await paidAfterClose()
  expect(await read()).toMatchObject({
    status: 'PAID',
    transactionId,
    events: [
      {},
      {},
      { seq: 3, type: 'order.closed', source: 'API' },
      { seq: 4, type: 'order.paid', source: 'NOTIFY' },
      { seq: 5, type: 'anomaly.detected', source: 'NOTIFY' },
    ],
  })
  const detail = expect.stringContaining('closed')
  await expectSeenByAll(gateway, order, {
    kind: 'PAID_AFTER_CLOSE',
    detail,
    transactionId: null,
    amount: null,
  })
})

test('whoever watches a closed order is told of the money', async () => {
  const { gateway, order, updates } = await watched()
  await close(gateway, order.id)
  expect(await updates.next()).toEqual(seen('orderUpdated', { id: order.id, seq: 3, status: 'CLOSED' }))
  await payAtPlatform(gateway, order, { evenIfClosed: true })
  expect(await updates.next()).toEqual(seen('orderUpdated', { id: order.id, seq: 5, status: 'PAID' }))
})

test('of two payments of one order the first pays it, and the second is an anomaly', async () => {
  const { gateway, order, updates, read } = await watched()
  await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-2') })
  await updates.next()
  const [first, second] = (await read()).attempts
  const paid = await payAtPlatform(gateway, { outTradeNo: first?.platformTradeNo ?? '' })
  await updates.next()
  gateway.advanceAll(2000)
  const again = await payAtPlatform(gateway, { outTradeNo: second?.platformTradeNo ?? '' })
  expect(await updates.next()).toEqual(seen('orderUpdated', { id: order.id, seq: 5, status: 'PAID' }))
  expect(await read()).toMatchObject({ status: 'PAID', transactionId: paid.transactionId, seq: 5 })
  const detail = expect.stringContaining(again.transactionId)
  await expectSeenByAll(gateway, order, {
    kind: 'DUPLICATE_PAYMENT',
    detail,
    transactionId: again.transactionId,
    amount: order.amount,
  })
})

test.each([
  [{ kind: 'wrong-amount', total: 1 }, 'AMOUNT_MISMATCH', { words: 'a total of 1 CNY', total: 1 }],
  [{ kind: 'wrong-payee', field: 'mchid' }, 'MERCHANT_MISMATCH', { words: 'merchant', total: 100 }],
  [{ kind: 'wrong-payee', field: 'appid' }, 'MERCHANT_MISMATCH', { words: 'app', total: 100 }],
] as const)('a payment with %j is an anomaly, and the order is not paid', async (fault, kind, expected) => {
  const { gateway, order, updates, read } = await watched()
  gateway.simulator.faults.add(fault)
  const { transactionId } = await payAtPlatform(gateway, order)
  expect(await updates.next()).toEqual(seen('orderUpdated', { id: order.id, seq: 3, status: 'PENDING' }))
  expect(await read()).toMatchObject({ status: 'PENDING', transactionId: null, paidAt: null })
  const { words, total } = expected
  const amount = { total, currency: 'CNY' }
  await expectSeenByAll(gateway, order, {
    kind,
    detail: expect.stringContaining(words),
    transactionId,
    amount,
  })
})

async function anomalous() {
  const opened = await paidAfterClose()
  const { gateway, order } = opened
  const [anomaly] = await anomaliesOf(gateway, order, gateway.merchant.apiKey)
  if (anomaly === undefined) throw new Error('The order has no anomaly.')
  const resolving = { orderId: order.id, anomalyId: anomaly.id, resolution: 'Shipped all the same.' }
  const resolve = (credential: string | undefined, changes: Partial<Resolving> = {}) =>
    resolveAnomaly(gateway, { ...resolving, ...changes }, credential)
  return { ...opened, anomaly, resolve }
}

test.each([
  ['merchant', 'API', (gateway: TestGateway) => gateway.merchant.apiKey],
  ['operator', 'OPERATOR', (gateway: TestGateway) => gateway.operatorKey],
])('the %s settles an anomaly', async (_who, source, keyOf) => {
  const { gateway, order, anomaly, updates, resolve } = await anomalous()
  const { data } = await resolve(keyOf(gateway))
  const settled = { ...anomaly, resolvedAt: expect.any(String), resolution: 'Shipped all the same.' }
  expect(data?.resolveAnomaly).toMatchObject({
    __typename: 'OrderSuccess',
    order: { seq: 6, anomalies: [settled] },
  })
  expect(data?.resolveAnomaly.order?.events.at(-1)).toEqual({ type: 'anomaly.resolved', source })
  expect(await updates.next()).toEqual(seen('orderUpdated', { id: order.id, seq: 6, status: 'PAID' }))
  expect(await anomaliesOf(gateway, order, gateway.operatorKey)).toEqual([settled])
})

test('what was settled stays as it was settled first', async () => {
  const { gateway, resolve } = await anomalous()
  const first = await resolve(gateway.merchant.apiKey)
  gateway.advanceAll(1000)
  expect(await resolve(gateway.operatorKey, { resolution: 'Refunded.' })).toEqual(first)
})

test('two who settle an anomaly at once settle it once', async () => {
  const { gateway, read, resolve } = await anomalous()
  await Promise.all([resolve(gateway.merchant.apiKey), resolve(gateway.operatorKey, { resolution: 'No.' })])
  expect((await read()).events.filter(({ type }) => type === 'anomaly.resolved')).toHaveLength(1)
})

test('a settled anomaly that is reported again stays settled', async () => {
  const { gateway, order, resolve } = await anomalous()
  await resolve(gateway.merchant.apiKey)
  const before = await anomaliesOf(gateway, order, gateway.merchant.apiKey)
  const [notification] = gateway.simulator.notifications()
  expect(await gateway.simulator.redeliver(notification?.id ?? '')).toMatchObject({ status: 204 })
  expect(await anomaliesOf(gateway, order, gateway.merchant.apiKey)).toEqual(before)
})

test('there is nothing to settle where there is no anomaly, no order, or no right to see it', async () => {
  const { gateway, read, resolve } = await anomalous()
  const { order: other } = await payableOrder(gateway)
  const cases = [
    await resolve(gateway.merchant.apiKey, { anomalyId: 'PAID_AFTER_CLOSE:nothing' }),
    await resolve(gateway.merchant.apiKey, { orderId: other.id }),
    await resolve(gateway.merchant.apiKey, { orderId: 'ord_0123456789abcdef01234567' }),
    await resolve(gateway.otherMerchant.apiKey),
  ]
  for (const { data } of cases) expect(data?.resolveAnomaly).toMatchObject({ __typename: 'NotFound' })
  expect(await read()).toMatchObject({ seq: 5 })
})

test('an anomaly is not settled by a page, by nobody, or without a word', async () => {
  const { gateway, accessToken, read, resolve } = await anomalous()
  const codeOf = async (...given: Parameters<typeof resolve>) =>
    (await resolve(...given)).errors.map(({ extensions }) => extensions?.code)
  expect(await codeOf(accessToken)).toEqual(['FORBIDDEN'])
  expect(await codeOf(undefined)).toEqual(['UNAUTHENTICATED'])
  for (const resolution of ['', ' \n', 'x'.repeat(501), 'Re\u202efunded', 'a\u2028b', 'a\nb', '\u200b']) {
    expect(await codeOf(gateway.merchant.apiKey, { resolution })).toEqual(['BAD_USER_INPUT'])
  }
  expect(await read()).toMatchObject({ seq: 5 })
  const { data } = await resolve(gateway.merchant.apiKey, { resolution: '好'.repeat(500) })
  expect(data?.resolveAnomaly).toMatchObject({ __typename: 'OrderSuccess' })
})
