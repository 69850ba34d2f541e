import { expect, test } from 'vitest'
import { startPayment as startPaymentThere } from '../../src/orders/start-payment.ts'
import { confirm, payAtPlatform, roundPorts, stateAtPlatform } from '../support/asking.ts'
import { otherSystem } from '../support/other-system.ts'
import { createdOrder, createOrder, freshTradeNo, payableOrder, readOrder } from '../support/orders.ts'
import { payer, startPayment } from '../support/payments.ts'
import { unswept, unsweptOrder } from '../support/unswept.ts'

const SECOND_MS = 1000
const HOUR_MS = 3600 * SECOND_MS

/** A number under which another system of the merchant has opened a payment. */
async function numberInUse() {
  const opened = await unswept()
  const { gateway } = opened
  const other = otherSystem(gateway)
  const outTradeNo = freshTradeNo()
  await other.open(outTradeNo)
  const expiresAt = new Date(gateway.parts.now().getTime() + 5 * HOUR_MS).toISOString()
  return {
    ...opened,
    other,
    outTradeNo,
    create: (changes: object = {}) => createOrder(gateway, { outTradeNo, expiresAt, ...changes }),
    payThere: () => payAtPlatform(gateway, { outTradeNo }),
    there: () => stateAtPlatform(gateway, outTradeNo),
    async stored() {
      const order = await gateway.parts.database.orders.byOutTradeNo('acme', outTradeNo)
      if (order === undefined) throw new Error('The order is gone.')
      return order
    },
  }
}

test('an order whose number is paid since it was created is PAID, and nothing more is to be paid', async () => {
  const { gateway, create, payThere } = await numberInUse()
  const { transactionId } = await payThere()
  const answer = await create()
  expect(answer).toMatchObject({
    __typename: 'CreateOrderSuccess',
    order: { status: 'PAID', transactionId, anomalies: [], attempts: [] },
    payment: null,
  })
  expect(gateway.simulator.orders()).toHaveLength(1)
  expect(await create()).toMatchObject({ order: { id: answer.order?.id, status: 'PAID' }, payment: null })
})

test('a page that starts a payment of such an order is told that it is paid', async () => {
  const { gateway, create, payThere } = await numberInUse()
  const { order } = await create({ payment: null })
  await payThere()
  const started = await startPayment(gateway, { orderId: order?.id ?? '', payment: payer('o-payer-1') })
  expect(started).toMatchObject({ __typename: 'OrderNotPayable', order: { status: 'PAID' } })
})

test('a number that was paid before the order existed does not pay it: a further number does', async () => {
  const { gateway, create, payThere, pass, outTradeNo } = await numberInUse()
  const { transactionId } = await payThere()
  pass(HOUR_MS)
  const { order, payment } = await create()
  expect(order).toMatchObject({
    status: 'PENDING',
    anomalies: [{ kind: 'PAID_BEFORE_ORDER', detail: expect.stringContaining(transactionId) }],
  })
  expect(payment?.wechatpay).toMatchObject({ package: expect.stringContaining('prepay_id=') })
  const [attempt] = order?.attempts ?? []
  expect(attempt?.platformTradeNo).not.toBe(outTradeNo)
  await payAtPlatform(gateway, { outTradeNo: attempt?.platformTradeNo ?? '' })
  expect(await confirm(gateway, order?.id ?? '', gateway.merchant.apiKey)).toMatchObject({
    order: { status: 'PAID' },
  })
})

const REFUSALS = [
  [400, 'INVALID_REQUEST'],
  [403, 'OUT_TRADE_NO_USED'],
  [403, 'OUTTRADENOUSED'],
] as const

test.each(REFUSALS)(
  'a number that another system can be paid under (%i %s) is closed first',
  async (...said) => {
    const { gateway, create, there, calls, outTradeNo, stored } = await numberInUse()
    const [status, code] = said
    gateway.simulator.faults.add({ kind: 'error', status, code, target: { call: 'prepay' } })
    const { order } = await create()
    expect(there()).toBe('CLOSED')
    expect(calls.map(({ what, tradeNo }) => [what, tradeNo])).toEqual([
      ['query', outTradeNo],
      ['query', outTradeNo],
      ['close', outTradeNo],
      ['query', outTradeNo],
    ])
    expect(order?.attempts).toHaveLength(1)
    const { numbers } = await stored()
    expect(numbers).toMatchObject([
      { platformTradeNo: outTradeNo, endedAt: expect.any(Date), prepay: null },
      { platformTradeNo: order?.attempts[0]?.platformTradeNo, endedAt: null },
    ])
    expect(numbers.map(({ platformTradeNo }) => stateAtPlatform(gateway, platformTradeNo))).toEqual([
      'CLOSED',
      'NOTPAY',
    ])
  },
)

test('a number that another system has closed is no dead end', async () => {
  const { create, other, outTradeNo } = await numberInUse()
  await other.close(outTradeNo)
  const { order, payment } = await create()
  expect(order).toMatchObject({ status: 'PENDING', attempts: [{ platform: 'WECHATPAY' }] })
  expect(payment).toMatchObject({ wechatpay: {} })
})

test('no further number is used while somebody may be paying under the first, and that payment is found', async () => {
  const { gateway, create, payThere, pass, sweepOnce, stored, outTradeNo } = await numberInUse()
  gateway.simulator.faults.add({ kind: 'close-race', payer: 'leaves', times: 'always' })
  expect(await create()).toMatchObject({ __typename: 'PlatformUnavailable' })
  expect(gateway.simulator.orders()).toHaveLength(1)
  expect(await stored()).toMatchObject({
    status: 'CREATED',
    numbers: [{ platformTradeNo: outTradeNo, endedAt: null }],
  })
  const { transactionId } = await payThere()
  pass(30 * SECOND_MS)
  expect(await sweepOnce()).toBe(1)
  expect(await stored()).toMatchObject({ status: 'PAID', transactionId })
})

test('an order whose number was in use is not closed while that number can be paid', async () => {
  const { gateway, create, there, pass, sweepOnce, stored } = await numberInUse()
  gateway.simulator.faults.add({ kind: 'close-race', payer: 'leaves', times: 'always' })
  await create()
  pass(5 * HOUR_MS)
  await sweepOnce()
  expect(await stored()).toMatchObject({ status: 'CREATED' })
  gateway.simulator.faults.clear()
  pass(HOUR_MS)
  await sweepOnce()
  expect([(await stored()).status, there()]).toEqual(['CLOSED', 'CLOSED'])
})

test('a refusal that is not about the number is shown, and leaves nothing to be asked about', async () => {
  const { gateway } = await unswept()
  const outTradeNo = freshTradeNo()
  gateway.simulator.faults.add({
    kind: 'error',
    status: 400,
    code: 'INVALID_REQUEST',
    times: 'always',
    target: { call: 'prepay' },
  })
  expect(await createOrder(gateway, { outTradeNo })).toMatchObject({
    __typename: 'PlatformRefused',
    code: 'INVALID_REQUEST',
  })
  expect(await gateway.parts.database.orders.byOutTradeNo('acme', outTradeNo)).toMatchObject({
    status: 'CREATED',
    numbers: [],
  })
})

test('payers whom the platform refuses take no room from others', async () => {
  const { gateway } = await unswept()
  const { order } = await createdOrder(gateway)
  gateway.simulator.faults.add({
    kind: 'error',
    status: 400,
    code: 'PARAM_ERROR',
    times: 9,
    target: { call: 'prepay' },
  })
  for (let index = 0; index < 9; index += 1) {
    const refused = await startPayment(gateway, { orderId: order.id, payment: payer(`o-bad-${index}`) })
    expect(refused).toMatchObject({ __typename: 'PlatformRefused' })
  }
  for (let index = 0; index < 10; index += 1) {
    const started = await startPayment(gateway, { orderId: order.id, payment: payer(`o-good-${index}`) })
    expect(started).toMatchObject({ __typename: 'StartPaymentSuccess' })
  }
})

test('a number whose prepay answer was lost is asked about on the schedule, and the same call goes on with it', async () => {
  const { gateway, pass, calls, sweepOnce } = await unswept()
  const outTradeNo = freshTradeNo()
  gateway.simulator.faults.add({ kind: 'drop-after', times: 3, target: { call: 'prepay' } })
  const expiresAt = new Date(gateway.parts.now().getTime() + 5 * HOUR_MS).toISOString()
  expect(await createOrder(gateway, { outTradeNo, expiresAt })).toMatchObject({
    __typename: 'PlatformUnavailable',
  })
  pass(30 * SECOND_MS)
  await sweepOnce()
  expect(calls).toMatchObject([{ what: 'query', tradeNo: outTradeNo }])
  const { order } = await payableOrder(gateway, { outTradeNo, expiresAt })
  expect(order.attempts).toMatchObject([{ platformTradeNo: outTradeNo }])
  expect(gateway.simulator.orders()).toHaveLength(1)
})

test('a payment that is renewed after PUBLIC_URL moved gets a further number, and the first is closed', async () => {
  const { gateway, pass } = await unswept()
  const expiresAt = new Date(gateway.parts.now().getTime() + 5 * HOUR_MS).toISOString()
  const { order } = await payableOrder(gateway, { expiresAt })
  pass(2 * HOUR_MS)
  const stored = await gateway.parts.database.orders.byId(order.id)
  if (stored === undefined) throw new Error('The order is gone.')
  const moved = { ...gateway, parts: { ...gateway.parts, publicUrl: 'https://pay.example' } }
  const { order: renewed } = await startPaymentThere(roundPorts(moved), stored, undefined)
  const numbers = renewed.attempts.map(({ platformTradeNo }) => platformTradeNo)
  expect(numbers.map((number) => stateAtPlatform(gateway, number))).toEqual(['CLOSED', 'NOTPAY'])
  await payAtPlatform(gateway, { outTradeNo: numbers[1] ?? '' })
  await confirm(gateway, order.id, gateway.merchant.apiKey)
  expect(await readOrder(gateway, order.id)).toMatchObject({ status: 'PAID', anomalies: [] })
})

test('a payment that the platform has forgotten is opened again under its number', async () => {
  const { gateway, order, accessToken } = await unsweptOrder()
  await gateway.simulator.close()
  await gateway.reopenPlatform()
  await confirm(gateway, order.id, accessToken)
  const started = await startPayment(gateway, { orderId: order.id }, accessToken)
  expect(started).toMatchObject({ __typename: 'StartPaymentSuccess', order: { attempts: [{}] } })
})

test('of two payers, the one whose payment was closed at the platform gets a further number', async () => {
  const { gateway, order, accessToken, there } = await unsweptOrder()
  await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-2') })
  await otherSystem(gateway).close(order.outTradeNo)
  expect(there()).toBe('CLOSED')
  expect(await confirm(gateway, order.id, accessToken)).toMatchObject({ order: { status: 'PENDING' } })
  const again = await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-1') })
  expect(again).toMatchObject({ __typename: 'StartPaymentSuccess' })
  const numbers = again.order?.attempts.map(({ platformTradeNo }) => platformTradeNo) ?? []
  expect(numbers).toHaveLength(3)
  expect(stateAtPlatform(gateway, numbers.at(-1) ?? '')).toBe('NOTPAY')
})

test('an order whose number another order uses at the platform gets a further number there', async () => {
  const { gateway } = await unswept()
  const { order } = await payableOrder(gateway)
  const second = await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-2') })
  const outTradeNo = second.order?.attempts.at(-1)?.platformTradeNo ?? ''
  const { order: named } = await payableOrder(gateway, { outTradeNo })
  expect(named.outTradeNo).toBe(outTradeNo)
  expect(named.attempts.map(({ platformTradeNo }) => platformTradeNo)).not.toContain(outTradeNo)
})
