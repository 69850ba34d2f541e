import { expect, test } from 'vitest'
import { sweep } from '../../src/orders/sweep.ts'
import { anomaliesOf, resolveAnomaly } from '../support/anomalies.ts'
import { loseNotifications, payAtPlatform, readEnd, roundPorts } from '../support/asking.ts'
import { openGateway } from '../support/gateway.ts'
import { paidNotice, post } from '../support/notification.ts'
import { createdOrder, payableOrder } from '../support/orders.ts'
import { payer, startPayment } from '../support/payments.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { seen, watch } from '../support/watching.ts'
import { unswept, unsweptOrder } from '../support/unswept.ts'

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

test('with nobody asking, a lost payment is found on the first rung, and rings', async () => {
  const gateway = await openGateway({ roundPauses: { orders: 20, inbox: HOUR_MS } })
  loseNotifications(gateway)
  const { order, accessToken } = await payableOrder(gateway)
  const updates = watch(gateway, accessToken, { what: 'orderUpdated', id: order.id })
  await updates.next()
  await payAtPlatform(gateway, order)
  gateway.advanceAll(30 * SECOND_MS)
  expect(await updates.next()).toEqual(seen('orderUpdated', { id: order.id, seq: 3, status: 'PAID' }))
  const { events } = await readEnd(gateway, order.id)
  expect(events.at(-1)).toMatchObject({ type: 'order.paid', source: 'QUERY' })
})

test('each rung of the ladder asks once, and the last one repeats', async () => {
  const { pass, calls, sweepOnce, read, order } = await unsweptOrder()
  for (const [rung, seconds] of [30, 60, 180, 600, 600, 600].entries()) {
    pass(seconds * SECOND_MS - 1)
    expect([await sweepOnce(), calls.length]).toEqual([0, rung])
    pass(1)
    expect([await sweepOnce(), calls.length]).toEqual([1, rung + 1])
    expect([await sweepOnce(), calls.length]).toEqual([0, rung + 1])
  }
  expect(await read()).toEqual({ ...order, closeReason: null, closedAt: null })
})

test('a question that is overdue by several rungs is asked once', async () => {
  const { pass, calls, sweepOnce } = await unsweptOrder()
  pass(30 * MINUTE_MS)
  expect([await sweepOnce(), await sweepOnce()]).toEqual([1, 0])
  expect(calls).toHaveLength(1)
})

test('an order about which a question is under way is due again soon, and on the same rung', async () => {
  const { gateway, pass, calls, sweepOnce, order } = await unsweptOrder()
  pass(30 * SECOND_MS)
  const { orders } = gateway.parts.database
  const claimed = { now: gateway.parts.now(), gapMs: 0, leaseMs: 15 * SECOND_MS }
  expect(await orders.claimQuestion(order.id, claimed)).toBe(true)
  expect([await sweepOnce(), calls.length]).toEqual([1, 0])
  pass(15 * SECOND_MS)
  expect([await sweepOnce(), calls.length]).toEqual([1, 1])
  pass(60 * SECOND_MS)
  expect([await sweepOnce(), calls.length]).toEqual([1, 2])
})

test('an order that is paid is not asked about', async () => {
  const { gateway, pass, calls, sweepOnce, order } = await unsweptOrder()
  await post(gateway, paidNotice(gateway, order))
  const before = calls.length
  pass(24 * HOUR_MS)
  expect(await sweepOnce()).toBe(0)
  expect(calls).toHaveLength(before)
})

test('at its expiry an order is asked about, closed at the platform, and then here', async () => {
  const { pass, calls, sweepOnce, read, there } = await unsweptOrder()
  pass(HOUR_MS)
  await sweepOnce()
  expect(await read()).toMatchObject({
    status: 'CLOSED',
    closeReason: 'EXPIRED',
    closedAt: expect.any(String),
    events: [{}, {}, { seq: 3, type: 'order.closed', source: 'SYSTEM' }],
  })
  expect(there()).toBe('CLOSED')
  expect(calls.map(({ what }) => what)).toEqual(['query', 'close', 'query'])
})

test('the last rung before the expiry is the expiry', async () => {
  const { pass, sweepOnce, read } = await unsweptOrder()
  for (let asked = 0; asked < 5; asked += 1) {
    pass(11 * MINUTE_MS)
    expect(await sweepOnce()).toBe(1)
  }
  pass(5 * MINUTE_MS)
  expect(await sweepOnce()).toBe(1)
  expect(await read()).toMatchObject({ status: 'CLOSED', closeReason: 'EXPIRED' })
})

test('an expired order that was paid is PAID, and not closed', async () => {
  const { pass, calls, sweepOnce, pay, read, there } = await unsweptOrder()
  await pay()
  pass(2 * HOUR_MS)
  await sweepOnce()
  expect(await read()).toMatchObject({ status: 'PAID', closeReason: null, seq: 3, anomalies: [] })
  expect(calls.map(({ what }) => what)).toEqual(['query'])
  expect(there()).toBe('SUCCESS')
})

test('an expired order is not closed while the platform cannot be reached', async () => {
  const { gateway, pass, sweepOnce, order, read, there } = await unsweptOrder()
  gateway.simulator.faults.add({ kind: 'error', status: 502, times: 3 })
  pass(HOUR_MS)
  expect([await sweepOnce(), await sweepOnce()]).toEqual([1, 0])
  expect(await read()).toMatchObject({ ...order, closeReason: null })
  expect(there()).toBe('NOTPAY')

  pass(MINUTE_MS)
  expect(await sweepOnce()).toBe(1)
  expect(await read()).toMatchObject({ status: 'CLOSED', closeReason: 'EXPIRED' })
  expect(there()).toBe('CLOSED')
})

test('a platform that is down when an order expires is tried again within a minute, whatever the rung was', async () => {
  const { gateway, pass, sweepOnce, read } = await unsweptOrder()
  for (let rung = 0; rung < 5; rung += 1) {
    pass(11 * MINUTE_MS)
    expect(await sweepOnce()).toBe(1)
  }
  gateway.simulator.faults.add({ kind: 'error', status: 502, times: 3 })
  pass(5 * MINUTE_MS)
  expect(await sweepOnce()).toBe(1)
  expect(await read()).toMatchObject({ status: 'PENDING' })
  pass(MINUTE_MS)
  expect(await sweepOnce()).toBe(1)
  expect(await read()).toMatchObject({ status: 'CLOSED', closeReason: 'EXPIRED' })
})

test('an expired order that the payer is paying is not closed, and found paid later', async () => {
  const { gateway, pass, sweepOnce, order, pay, read } = await unsweptOrder()
  gateway.simulator.faults.add({ kind: 'close-race', payer: 'leaves', times: 'always' })
  pass(HOUR_MS)
  await sweepOnce()
  expect(await read()).toMatchObject({ ...order, closeReason: null })
  await pay({ evenIfClosed: true })
  pass(MINUTE_MS)
  await sweepOnce()
  expect(await read()).toMatchObject({ status: 'PAID', seq: 3, anomalies: [] })
})

test('an order that somebody else closed at the platform is CLOSED', async () => {
  const { gateway, pass, sweepOnce, read } = await unsweptOrder()
  gateway.simulator.faults.add({ kind: 'wrong-answer', tradeState: 'CLOSED' })
  pass(30 * SECOND_MS)
  await sweepOnce()
  expect(await read()).toMatchObject({
    status: 'CLOSED',
    closeReason: 'PLATFORM',
    events: [{}, {}, { type: 'order.closed', source: 'QUERY' }],
  })
})

test('an order of which one payment is closed at the platform can still be paid by the other', async () => {
  const { gateway, pass, calls, sweepOnce, order, read } = await unsweptOrder()
  await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-2') })
  const target = { mchId: gateway.merchant.mchId, outTradeNo: order.outTradeNo }
  gateway.simulator.faults.add({ kind: 'wrong-answer', tradeState: 'CLOSED', target })
  pass(30 * SECOND_MS)
  await sweepOnce()
  expect(await read()).toMatchObject({ status: 'PENDING', seq: 3 })
  const { attempts } = await read()
  expect(calls.map(({ tradeNo }) => tradeNo).sort()).toEqual(
    attempts.map(({ platformTradeNo }) => platformTradeNo).sort(),
  )
})

test('an order for which nobody started a payment is closed at its expiry, and not asked about before', async () => {
  const { gateway, pass, calls, sweepOnce } = await unswept()
  const { order } = await createdOrder(gateway)
  pass(HOUR_MS)
  expect(await sweepOnce()).toBe(0)
  pass(HOUR_MS)
  expect(await sweepOnce()).toBe(1)
  expect(await readEnd(gateway, order.id)).toMatchObject({ status: 'CLOSED', closeReason: 'EXPIRED', seq: 2 })
  // This gateway has not sent the number; another system of the merchant may have.
  expect(calls).toMatchObject([{ what: 'query', tradeNo: order.outTradeNo }])
})

test('an order whose prepay answer was lost, and that was paid all the same, is found at its expiry', async () => {
  const { gateway, pass, sweepOnce } = await unswept()
  gateway.simulator.faults.add({ kind: 'drop-after', times: 'always', target: { call: 'prepay' } })
  const { order } = await createdOrder(gateway)
  const started = await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-1') })
  expect(started).toMatchObject({ __typename: 'PlatformUnavailable' })
  await payAtPlatform(gateway, order)
  pass(2 * HOUR_MS)
  await sweepOnce()
  expect(await readEnd(gateway, order.id)).toMatchObject({ status: 'PAID', seq: 2 })
})

test('an expired order with a payment that cannot be believed stays open for a person', async () => {
  const { gateway, pass, sweepOnce, pay, read } = await unsweptOrder()
  await pay()
  gateway.simulator.faults.add({ kind: 'wrong-answer', total: 1, times: 'always' })
  pass(HOUR_MS)
  await sweepOnce()
  pass(HOUR_MS)
  await sweepOnce()
  const { status, seq, anomalies } = await read()
  expect({ status, seq, anomalies }).toMatchObject({
    status: 'PENDING',
    seq: 3,
    anomalies: [{ kind: 'AMOUNT_MISMATCH' }],
  })
})

test('an expired order that has a payment that cannot be believed is asked about on, and a person is called once', async () => {
  const { gateway, pass, order, calls, pay, read } = await unsweptOrder()
  const { log, lines } = recordedLog()
  const ports = { ...roundPorts(gateway), log }
  await pay()
  gateway.simulator.faults.add({ kind: 'wrong-answer', total: 1, times: 'always' })
  pass(HOUR_MS)
  for (let round = 0; round < 6; round += 1) {
    const before = calls.length
    expect(await sweep(ports)).toBe(1)
    expect(calls.length).toBeGreaterThan(before)
    pass(10 * MINUTE_MS)
  }
  const merchantId = gateway.merchant.atGateway.id
  const [anomaly, ...others] = lines
  expect(anomaly).toMatchObject({ level: 'error', fields: { kind: 'AMOUNT_MISMATCH' } })
  expect(others.map(({ level }) => level)).toEqual(['warn', 'warn', 'error'])
  expect(lines.at(-1)?.fields).toMatchObject({ outTradeNo: order.outTradeNo, merchantId })
  expect(await read()).toMatchObject({ status: 'PENDING' })
})

test('an expired order whose payment the platform does not know any more is closed', async () => {
  const { gateway, pass, sweepOnce, read } = await unsweptOrder()
  await gateway.simulator.close()
  await gateway.reopenPlatform()
  pass(HOUR_MS)
  expect(await sweepOnce()).toBe(1)
  expect(await read()).toMatchObject({ status: 'CLOSED', closeReason: 'EXPIRED' })
})

test('an expired order with a payment that cannot be believed is closed once a person has resolved that', async () => {
  const { gateway, pass, sweepOnce, pay, read, order } = await unsweptOrder()
  await pay()
  gateway.simulator.faults.add({ kind: 'wrong-answer', total: 1, times: 'always' })
  pass(HOUR_MS)
  await sweepOnce()
  const { apiKey } = gateway.merchant
  const [anomaly] = await anomaliesOf(gateway, order, apiKey)
  const resolving = { orderId: order.id, anomalyId: anomaly?.id ?? '', resolution: 'refunded by hand' }
  await resolveAnomaly(gateway, resolving, apiKey)
  pass(HOUR_MS)
  await sweepOnce()
  expect(await read()).toMatchObject({ status: 'CLOSED', closeReason: 'EXPIRED' })
})
