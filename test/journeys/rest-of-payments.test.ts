import { expect, test } from 'vitest'
import { changeOrder } from '../../src/orders/change-order.ts'
import { decide } from '../../src/domain/decide.ts'
import {
  close,
  loseNotifications,
  notePlatformCalls,
  payAtPlatform,
  readEnd,
  roundPorts,
  stateAtPlatform,
  sweeper,
} from '../support/asking.ts'
import { openGateway } from '../support/gateway.ts'
import { paidNotice, post } from '../support/notification.ts'
import { payableOrder } from '../support/orders.ts'
import { payer, startPayment } from '../support/payments.ts'

const MINUTE_MS = 60_000
const CLOSED_SCHEDULE_MS = [600_000, 3_600_000, 86_400_000]
const DAY_MS = 24 * 60 * MINUTE_MS

/** An order that two payers could pay at this moment. Nobody is told of payments, and no sweep runs by itself. */
async function twoPayers() {
  const clock = { ms: Date.now() }
  const gateway = await openGateway({ now: () => new Date(clock.ms) })
  loseNotifications(gateway)
  const { order } = await payableOrder(gateway)
  await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-2') })
  const read = () => readEnd(gateway, order.id)
  const second = (await read()).attempts.find(({ platformTradeNo }) => platformTradeNo !== order.outTradeNo)
  if (second === undefined) throw new Error('The second payer has no attempt.')
  const tradeNo = second.platformTradeNo
  return {
    gateway,
    order,
    read,
    tradeNo,
    calls: notePlatformCalls(gateway),
    sweepOnce: sweeper(gateway),
    pass(ms: number) {
      clock.ms += ms
      gateway.advanceAll(ms)
    },
    payFirst: () => payAtPlatform(gateway, order),
    reportFirst: () => post(gateway, paidNotice(gateway, order)),
    paySecond: (terms = {}) => payAtPlatform(gateway, { outTradeNo: tradeNo }, terms),
    secondThere: () => stateAtPlatform(gateway, tradeNo),
  }
}

test('of two payers one pays, and the other can pay no more', async () => {
  const { reportFirst, sweepOnce, secondThere, calls, tradeNo, read, pass, paySecond } = await twoPayers()
  await reportFirst()
  const paid = await read()
  expect(await sweepOnce()).toBe(1)
  expect(secondThere()).toBe('CLOSED')
  expect(calls.map(({ what, tradeNo: about }) => [what, about])).toEqual([
    ['query', tradeNo],
    ['close', tradeNo],
    ['query', tradeNo],
  ])
  await expect(paySecond()).rejects.toThrow()
  for (const _question of CLOSED_SCHEDULE_MS) {
    pass(DAY_MS / 2)
    await sweepOnce()
  }
  pass(DAY_MS)
  expect(await sweepOnce()).toBe(0)
  expect(await read()).toEqual(paid)
})

test('both pay, the second notification is lost for good, and the sweep still finds the second payment', async () => {
  const { gateway, order, reportFirst, sweepOnce, paySecond, calls, read, pass } = await twoPayers()
  const { transactionId } = await paySecond()
  await reportFirst()
  expect(await sweepOnce()).toBe(1)
  expect(await read()).toMatchObject({
    status: 'PAID',
    anomalies: [{ kind: 'DUPLICATE_PAYMENT', detail: expect.any(String) }],
    events: [{}, {}, {}, { type: 'order.paid' }, { type: 'anomaly.detected', source: 'QUERY' }],
  })
  // Which of the two is the further one is a matter of the platform's clock.
  const stored = await gateway.parts.database.orders.byId(order.id)
  expect(stored?.transactions.map((known) => known.transactionId)).toContain(transactionId)
  expect(calls.map(({ what }) => what)).toEqual(['query'])
  pass(DAY_MS)
  expect(await sweepOnce()).toBe(0)
})

test('a second payer who is paying at this moment is asked about until it is known how that ended', async () => {
  const { gateway, reportFirst, sweepOnce, paySecond, read, pass } = await twoPayers()
  gateway.simulator.faults.add({ kind: 'close-race', payer: 'leaves', times: 'always' })
  await reportFirst()
  expect(await sweepOnce()).toBe(1)
  pass(MINUTE_MS)
  expect(await sweepOnce()).toBe(1)
  expect((await read()).anomalies).toEqual([])
  await paySecond({ evenIfClosed: true })
  pass(10 * MINUTE_MS)
  expect(await sweepOnce()).toBe(1)
  expect(await read()).toMatchObject({ status: 'PAID', anomalies: [{ kind: 'DUPLICATE_PAYMENT' }] })
  pass(DAY_MS)
  expect(await sweepOnce()).toBe(0)
})

test('a platform that cannot be reached is asked about the other payer again', async () => {
  const { gateway, reportFirst, sweepOnce, secondThere, pass } = await twoPayers()
  gateway.simulator.faults.add({ kind: 'error', status: 502, times: 3, target: { call: 'query' } })
  await reportFirst()
  expect([await sweepOnce(), await sweepOnce(), secondThere()]).toEqual([1, 0, 'NOTPAY'])
  pass(MINUTE_MS)
  expect([await sweepOnce(), secondThere()]).toEqual([1, 'CLOSED'])
})

test('closing an order that one of two payers has paid closes the payment of the other', async () => {
  const { gateway, order, payFirst, sweepOnce, secondThere } = await twoPayers()
  await payFirst()
  expect(await close(gateway, order.id)).toMatchObject({ __typename: 'OrderNotPayable' })
  await sweepOnce()
  expect(secondThere()).toBe('CLOSED')
})

test('what one platform call finds is recorded when another one fails', async () => {
  const { gateway, sweepOnce, payFirst, read, pass, tradeNo } = await twoPayers()
  const target = { call: 'query', outTradeNo: tradeNo } as const
  gateway.simulator.faults.add({ kind: 'error', status: 403, code: 'NO_AUTH', target })
  await payFirst()
  pass(MINUTE_MS)
  await sweepOnce()
  expect(await read()).toMatchObject({ status: 'PAID' })
})

test('a payment that was being started while the order was closed is closed too', async () => {
  const { gateway, order, sweepOnce, tradeNo, read } = await twoPayers()
  await close(gateway, order.id)
  const { database } = gateway.parts
  const closed = await database.orders.byId(order.id)
  const second = closed?.attempts.find(({ platformTradeNo }) => platformTradeNo === tradeNo)
  if (closed === undefined || second === undefined) throw new Error('The order is gone.')
  const ports = roundPorts(gateway)
  const platformTradeNo = `${order.outTradeNo.slice(0, 20)}-third`
  const { description, amount, expiresAt } = closed
  const account = ports.platformOf(closed.merchantId, 'WECHATPAY')
  await account?.prepay({
    platformTradeNo,
    description,
    amount,
    expiresAt,
    appId: second.appId,
    payerId: 'o-3',
  })
  const attempt = { ...second, payerId: 'o-3', platformTradeNo }
  const now = ports.now()
  const fact = { kind: 'payment-started', source: 'API', occurredAt: now, cause: null, attempt } as const
  const number = { ...attempt, prepay: { id: 'wx-third', expiresAt: expiresAt }, endedAt: null }
  await changeOrder(ports, closed, (known) => ({
    events: decide(known, fact, now),
    numbers: [...known.numbers, number],
  }))
  expect(stateAtPlatform(gateway, platformTradeNo)).toBe('NOTPAY')
  expect(await sweepOnce()).toBe(1)
  expect(stateAtPlatform(gateway, platformTradeNo)).toBe('CLOSED')
  expect(await read()).toMatchObject({ status: 'CLOSED', anomalies: [] })
})
