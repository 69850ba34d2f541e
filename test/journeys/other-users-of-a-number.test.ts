import { expect, test } from 'vitest'
import { close, confirm, payAtPlatform, readEnd, stateAtPlatform } from '../support/asking.ts'
import { stored } from '../support/between-calls.ts'
import { createdOrder, payableOrder, readOrder } from '../support/orders.ts'
import { otherSystem } from '../support/other-system.ts'
import { payer, startPayment } from '../support/payments.ts'
import { unswept } from '../support/unswept.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** Two orders of one merchant; the further number of the first is the second's own, which nobody started a payment of. */
async function sharedNumber() {
  const { gateway, pass, sweepOnce } = await unswept()
  const { order: first } = await payableOrder(gateway)
  const started = await startPayment(gateway, { orderId: first.id, payment: payer('o-payer-2') })
  const number = started.order?.attempts[1]?.platformTradeNo ?? ''
  const expiresAt = new Date(gateway.parts.now().getTime() + HOUR_MS).toISOString()
  const { order: second } = await createdOrder(gateway, { outTradeNo: number, expiresAt })
  const statuses = async () => [
    (await readOrder(gateway, first.id)).status,
    (await readOrder(gateway, second.id)).status,
  ]
  return { gateway, first, second, number, statuses, pass, sweepOnce }
}

test('money under the further number of an order is not that of the order which has it for its own', async () => {
  const { gateway, first, second, number, statuses } = await sharedNumber()
  await payAtPlatform(gateway, { outTradeNo: number })
  await confirm(gateway, second.id, gateway.merchant.apiKey)
  expect(await statuses()).toEqual(['PENDING', 'CREATED'])
  await confirm(gateway, first.id, gateway.merchant.apiKey)
  expect(await statuses()).toEqual(['PAID', 'CREATED'])
})

test.each(['closeOrder', 'its expiry'])(
  'the end of an order by %s does not close the payment of another order that uses its number',
  async (how) => {
    const { gateway, second, number, statuses, pass, sweepOnce } = await sharedNumber()
    if (how === 'closeOrder') await close(gateway, second.id)
    else {
      pass(HOUR_MS)
      await sweepOnce()
    }
    expect(await statuses()).toEqual(['PENDING', 'CLOSED'])
    expect(stateAtPlatform(gateway, number)).toBe('NOTPAY')
  },
)

test('a number that is found in use when its order is closed is asked about after that', async () => {
  const { gateway, pass, sweepOnce } = await unswept()
  const { order } = await createdOrder(gateway)
  await otherSystem(gateway).open(order.outTradeNo)
  await close(gateway, order.id)
  expect(stateAtPlatform(gateway, order.outTradeNo)).toBe('CLOSED')
  await payAtPlatform(gateway, order, { evenIfClosed: true })
  pass(10 * MINUTE_MS)
  await sweepOnce()
  expect(await readEnd(gateway, order.id)).toMatchObject({
    status: 'PAID',
    anomalies: [{ kind: 'PAID_AFTER_CLOSE' }],
  })
})

test.each(['NOTPAY', 'CLOSED'])(
  'a number that a question finds %s at the platform is asked about on',
  async (state) => {
    const { gateway, pass, sweepOnce } = await unswept()
    const expiresAt = new Date(gateway.parts.now().getTime() + 24 * HOUR_MS).toISOString()
    const { order } = await createdOrder(gateway, { expiresAt })
    const there = otherSystem(gateway)
    await there.open(order.outTradeNo)
    if (state === 'CLOSED') await there.close(order.outTradeNo)
    await confirm(gateway, order.id, gateway.merchant.apiKey)
    expect((await stored(gateway, order.id)).numbers).toMatchObject([
      {
        platformTradeNo: order.outTradeNo,
        payerId: null,
        endedAt: state === 'CLOSED' ? expect.any(Date) : null,
      },
    ])
    await payAtPlatform(gateway, order, { evenIfClosed: true })
    pass(10 * MINUTE_MS)
    await sweepOnce()
    expect(await readEnd(gateway, order.id)).toMatchObject({ status: 'PAID', anomalies: [] })
  },
)

test('a number that another system has closed is asked about on the schedule of what is closed', async () => {
  const { gateway, pass, sweepOnce, calls } = await unswept()
  const expiresAt = new Date(gateway.parts.now().getTime() + 24 * HOUR_MS).toISOString()
  const { order } = await createdOrder(gateway, { expiresAt })
  const there = otherSystem(gateway)
  await there.open(order.outTradeNo)
  await there.close(order.outTradeNo)
  await confirm(gateway, order.id, gateway.merchant.apiKey)
  const asked: number[] = []
  for (const minutes of [9, 1, 10, 39, 1, 60]) {
    const before = calls.length
    pass(minutes * MINUTE_MS)
    await sweepOnce()
    asked.push(calls.length - before)
  }
  expect(asked).toEqual([0, 1, 0, 0, 1, 0])
})

test('a number that nobody uses is not kept when its order is closed', async () => {
  const { gateway } = await unswept()
  const { order } = await createdOrder(gateway)
  await close(gateway, order.id)
  expect(await stored(gateway, order.id)).toMatchObject({ status: 'CLOSED', closing: null, numbers: [] })
})
