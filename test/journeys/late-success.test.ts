import { expect, test } from 'vitest'
import { close, payAtPlatform, stateAtPlatform } from '../support/asking.ts'
import { payer, startPayment } from '../support/payments.ts'
import { unsweptOrder } from '../support/unswept.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

async function closedOrder() {
  const opened = await unsweptOrder()
  const { gateway, order, calls } = opened
  await close(gateway, order.id)
  const before = calls.length
  return {
    ...opened,
    queries: () => calls.length - before,
    payLate: () => opened.pay({ evenIfClosed: true }),
  }
}

test.each([
  ['ten minutes', 10 * MINUTE_MS, 0],
  ['an hour', HOUR_MS, 1],
  ['a day', 24 * HOUR_MS, 2],
])(
  'a payment after the close whose notification is lost is found %s after the close',
  async (_when, ms, asked) => {
    const { pass, sweepOnce, payLate, read, queries } = await closedOrder()
    for (const earlier of [10 * MINUTE_MS, 50 * MINUTE_MS].slice(0, asked)) {
      pass(earlier)
      expect(await sweepOnce()).toBe(1)
    }
    await payLate()
    pass(ms)
    await sweepOnce()
    expect(await read()).toMatchObject({ status: 'PAID', anomalies: [{ kind: 'PAID_AFTER_CLOSE' }] })
    expect(queries()).toBe(asked + 1)
  },
)

test('a closed order is asked about three times, and then no more', async () => {
  const { pass, sweepOnce, queries } = await closedOrder()
  const rounds: number[] = []
  for (const ms of [9 * MINUTE_MS, MINUTE_MS, 50 * MINUTE_MS, 23 * HOUR_MS, 90 * 24 * HOUR_MS]) {
    pass(ms)
    rounds.push(await sweepOnce())
  }
  expect([rounds, queries()]).toEqual([[0, 1, 1, 1, 0], 3])
})

test('a query that fails is made up for soon, and is not one of the three', async () => {
  const { gateway, pass, sweepOnce, payLate, read } = await closedOrder()
  await payLate()
  gateway.simulator.faults.add({ kind: 'error', status: 503, times: 3, target: { call: 'query' } })
  pass(10 * MINUTE_MS)
  await sweepOnce()
  expect(await read()).toMatchObject({ status: 'CLOSED' })
  pass(MINUTE_MS)
  await sweepOnce()
  expect(await read()).toMatchObject({ status: 'PAID' })
})

test('the closed number of a second payer is asked about after the order was paid', async () => {
  const { gateway, order, pay, pass, sweepOnce, read } = await unsweptOrder()
  const { order: both } = await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-2') })
  const [, second] = both?.attempts ?? []
  await pay()
  pass(30_000)
  await sweepOnce()
  expect(stateAtPlatform(gateway, second?.platformTradeNo ?? '')).toBe('CLOSED')
  expect(await read()).toMatchObject({ status: 'PAID', anomalies: [] })
  await payAtPlatform(gateway, { outTradeNo: second?.platformTradeNo ?? '' }, { evenIfClosed: true })
  pass(10 * MINUTE_MS)
  await sweepOnce()
  expect(await read()).toMatchObject({ status: 'PAID', anomalies: [{ kind: 'DUPLICATE_PAYMENT' }] })
})
