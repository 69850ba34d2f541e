import { expect, test } from 'vitest'
import { PaymentError } from '../../src/domain/errors.ts'
import { startPayment as startThere } from '../../src/orders/start-payment.ts'
import { confirm, payAtPlatform, readEnd, roundPorts, stateAtPlatform } from '../support/asking.ts'
import { gate, stored, withAccount } from '../support/between-calls.ts'
import { lookInto } from '../support/database.ts'
import { createdOrder, createOrder, freshTradeNo, payableOrder } from '../support/orders.ts'
import { otherSystem } from '../support/other-system.ts'
import { payer, startPayment } from '../support/payments.ts'
import { unswept, unsweptOrder } from '../support/unswept.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const LIMITED = { kind: 'error', status: 429, code: 'RATELIMIT_EXCEEDED' } as const
const MOST = 20

test('an order has at most so many numbers, also when all of them have ended', async () => {
  const { gateway } = await unswept()
  const { order } = await createdOrder(gateway)
  const ended = Array.from({ length: MOST }, (_none, index) => ({
    platform: 'WECHATPAY',
    platformTradeNo: `${order.outTradeNo}-${index}`,
    appId: null,
    payerId: null,
    createdAt: gateway.parts.now(),
    prepay: null,
    endedAt: gateway.parts.now(),
  }))
  const give = (numbers: readonly object[]) =>
    lookInto(gateway.databaseUri, (database) =>
      database.collection<{ _id: string }>('orders').updateOne({ _id: order.id }, { $set: { numbers } }),
    )
  const start = () => startPayment(gateway, { orderId: order.id, payment: payer('o-payer-1') })
  await give(ended)
  expect(await start()).toMatchObject({
    __typename: 'InvalidInput',
    message: expect.stringContaining(`has had ${MOST} payments at the platform`),
  })
  expect((await stored(gateway, order.id)).numbers).toHaveLength(MOST)
  await give(ended.slice(1))
  expect(await start()).toMatchObject({ __typename: 'StartPaymentSuccess' })
  expect(await start()).toMatchObject({ __typename: 'StartPaymentSuccess' })
  expect((await stored(gateway, order.id)).numbers).toHaveLength(MOST)
})

test('a number that is sent again is not forgotten while its call is under way', async () => {
  const { gateway, pass } = await unswept()
  const { order } = await createdOrder(gateway)
  gateway.simulator.faults.add({ kind: 'drop-before', times: 3, target: { call: 'prepay' } })
  await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-1') })
  pass(2 * MINUTE_MS)
  const [sent, asked] = [gate(), gate()]
  const slowStart = withAccount(roundPorts(gateway), (account) => ({
    async prepay(request) {
      sent.open()
      await asked.opened
      return account.prepay(request)
    },
  }))
  const choice = { platform: 'WECHATPAY', payerId: 'o-payer-1', appId: undefined } as const
  const starting = startThere(slowStart, await stored(gateway, order.id), choice)
  await sent.opened
  await confirm(gateway, order.id, gateway.merchant.apiKey)
  const { numbers } = await stored(gateway, order.id)
  asked.open()
  await starting
  expect(numbers).toMatchObject([{ platformTradeNo: order.outTradeNo, endedAt: null }])
})

test('a number that was handed out is asked about, although the platform says that it does not know it', async () => {
  const { gateway, order, accessToken, pass } = await unsweptOrder()
  await gateway.simulator.close()
  await gateway.reopenPlatform()
  pass(2 * MINUTE_MS)
  await confirm(gateway, order.id, accessToken)
  expect((await stored(gateway, order.id)).numbers).toMatchObject([
    { platformTradeNo: order.outTradeNo, prepay: null, endedAt: null },
  ])
})

test('a number that was sent is kept when a further try is limited, and the payment under it is found', async () => {
  const { gateway, sweepOnce, pass } = await unswept()
  const outTradeNo = freshTradeNo()
  await otherSystem(gateway).open(outTradeNo)
  gateway.simulator.faults.add({ kind: 'drop-before', times: 3, target: { call: 'prepay' } })
  await createOrder(gateway, { outTradeNo })
  const order = await gateway.parts.database.orders.byOutTradeNo(gateway.merchant.id, outTradeNo)
  const id = order?.id ?? ''
  await startPayment(gateway, { orderId: id, payment: payer('o-payer-2') })
  gateway.simulator.faults.add({ ...LIMITED, target: { call: 'prepay' } })
  await startPayment(gateway, { orderId: id, payment: payer('o-payer-1') })
  expect((await stored(gateway, id)).numbers).toHaveLength(2)
  await payAtPlatform(gateway, { outTradeNo })
  pass(HOUR_MS)
  await expect
    .poll(async () => {
      await sweepOnce()
      pass(MINUTE_MS)
      return readEnd(gateway, id)
    })
    .toMatchObject({ status: 'PAID' })
})

test('a number of a call that may have happened before it was limited is kept', async () => {
  const { gateway } = await unswept()
  const { order } = await payableOrder(gateway)
  gateway.simulator.faults.add({ kind: 'drop-after', target: { call: 'prepay' } })
  gateway.simulator.faults.add({ ...LIMITED, target: { call: 'prepay' } })
  const answer = await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-2') })
  expect(answer).toMatchObject({ __typename: 'PlatformUnavailable' })
  const [, further] = (await stored(gateway, order.id)).numbers
  expect(stateAtPlatform(gateway, further?.platformTradeNo ?? '')).toBe('NOTPAY')
})

test('a number of a call that may have happened before it was refused is kept', async () => {
  const { gateway } = await unswept()
  const { order } = await createdOrder(gateway)
  gateway.simulator.faults.add({ kind: 'drop-before', target: { call: 'prepay' } })
  gateway.simulator.faults.add({ kind: 'error', status: 403, code: 'NO_AUTH', target: { call: 'prepay' } })
  const answer = await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-1') })
  expect(answer).toMatchObject({ __typename: 'PlatformRefused', code: 'NO_AUTH' })
  expect((await stored(gateway, order.id)).numbers).toMatchObject([{ platformTradeNo: order.outTradeNo }])
})

test('a number that was sent is kept when a further start is not sent', async () => {
  const { gateway } = await unswept()
  const { order } = await payableOrder(gateway)
  const start = () => startPayment(gateway, { orderId: order.id, payment: payer('o-payer-2') })
  gateway.simulator.faults.add({ kind: 'drop-after', times: 3, target: { call: 'prepay' } })
  await start()
  gateway.simulator.faults.add({ ...LIMITED, target: { call: 'query' } })
  await confirm(gateway, order.id, gateway.merchant.apiKey)
  expect(await start()).toMatchObject({ message: expect.stringContaining('was not sent') })
  expect((await stored(gateway, order.id)).numbers).toHaveLength(2)
})

test('a number that another start has taken up is kept when the first start was limited', async () => {
  const { gateway } = await unswept()
  const { order } = await payableOrder(gateway)
  const [sent, taken] = [gate(), gate()]
  const limited = withAccount(roundPorts(gateway), () => ({
    async prepay() {
      sent.open()
      await taken.opened
      throw new PaymentError('PLATFORM_UNAVAILABLE', 'It is limited.', { reason: 'rate-limited' })
    },
  }))
  const silent = withAccount(roundPorts(gateway), () => ({
    async prepay() {
      taken.open()
      await first.catch(() => undefined)
      throw new PaymentError('PLATFORM_UNAVAILABLE', 'It is silent.', { reason: 'unknown-outcome' })
    },
  }))
  const choice = { platform: 'WECHATPAY', payerId: 'o-payer-2', appId: undefined } as const
  const known = await stored(gateway, order.id)
  const first = startThere(limited, known, choice)
  first.catch(() => undefined)
  await sent.opened
  await expect(startThere(silent, known, choice)).rejects.toThrow('It is silent.')
  await expect(first).rejects.toThrow('It is limited.')
  expect((await stored(gateway, order.id)).numbers).toHaveLength(2)
})

test('one start tries three numbers at most', async () => {
  const { gateway } = await unswept()
  const { order } = await createdOrder(gateway)
  let calls = 0
  const refusing = withAccount(roundPorts(gateway), () => ({
    async prepay() {
      calls += 1
      throw new PaymentError('PLATFORM_REFUSED', 'It is used.', { reason: 'number-in-use' })
    },
    query: async () => ({ kind: 'closed', platformState: 'CLOSED' }) as const,
  }))
  const choice = { platform: 'WECHATPAY', payerId: 'o-payer-1', appId: undefined } as const
  await expect(startThere(refusing, await stored(gateway, order.id), choice)).rejects.toThrow('It is used.')
  expect([calls, (await stored(gateway, order.id)).numbers.length]).toEqual([3, 3])
})

test('an order that is found paid under the last number that a start tries is said to be paid', async () => {
  const { gateway } = await unswept()
  const { order } = await createdOrder(gateway)
  let queries = 0
  const ports = withAccount(roundPorts(gateway), (account) => ({
    async prepay() {
      throw new PaymentError('PLATFORM_REFUSED', 'It is used.', { reason: 'number-in-use' })
    },
    async query(tradeNo) {
      queries += 1
      if (queries < 3) return { kind: 'closed', platformState: 'CLOSED' }
      await otherSystem(gateway).open(tradeNo)
      await payAtPlatform(gateway, { outTradeNo: tradeNo })
      return account.query(tradeNo)
    },
  }))
  const choice = { platform: 'WECHATPAY', payerId: 'o-payer-1', appId: undefined } as const
  await expect(startThere(ports, await stored(gateway, order.id), choice)).rejects.toMatchObject({
    code: 'ORDER_NOT_PAYABLE',
    order: { status: 'PAID' },
  })
})

test('of two renewals at the same time the one that lasts longer is kept', async () => {
  const { gateway, pass } = await unswept()
  const expiresAt = new Date(gateway.parts.now().getTime() + 24 * HOUR_MS).toISOString()
  const { order } = await payableOrder(gateway, { expiresAt })
  pass(2 * HOUR_MS)
  const [answered, renewed] = [gate(), gate()]
  const slow = withAccount(roundPorts(gateway), (account) => ({
    async prepay(request) {
      const prepaid = await account.prepay(request)
      answered.open()
      await renewed.opened
      return prepaid
    },
  }))
  const known = await stored(gateway, order.id)
  const slowly = startThere(slow, known, undefined)
  await answered.opened
  pass(HOUR_MS)
  await startPayment(gateway, { orderId: order.id })
  const [newest] = (await stored(gateway, order.id)).numbers
  renewed.open()
  await slowly
  expect((await stored(gateway, order.id)).numbers).toEqual([newest])
})

test('money that arrives late under a number that was closed for a further one pays the order, which is still open', async () => {
  const { gateway, pass, sweepOnce } = await unswept()
  const expiresAt = new Date(gateway.parts.now().getTime() + 24 * HOUR_MS).toISOString()
  const { order, accessToken } = await payableOrder(gateway, { expiresAt })
  pass(2 * HOUR_MS)
  gateway.simulator.faults.add({
    kind: 'error',
    status: 403,
    code: 'OUT_TRADE_NO_USED',
    target: { call: 'prepay' },
  })
  const renewed = await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-1') })
  expect(renewed.order?.attempts).toHaveLength(2)
  expect(stateAtPlatform(gateway, order.outTradeNo)).toBe('CLOSED')
  await payAtPlatform(gateway, order, { evenIfClosed: true })
  pass(30_000)
  await sweepOnce()
  expect(await readEnd(gateway, order.id)).toMatchObject({ status: 'PAID', anomalies: [] })
  expect(await startPayment(gateway, { orderId: order.id }, accessToken)).toMatchObject({
    __typename: 'OrderNotPayable',
  })
})

test('an order is PAID at its end when money has arrived under a number that was closed for a further one', async () => {
  const { gateway, pass, sweepOnce } = await unswept()
  const expiresAt = new Date(gateway.parts.now().getTime() + 3 * HOUR_MS).toISOString()
  const { order } = await payableOrder(gateway, { expiresAt })
  await otherSystem(gateway).close(order.outTradeNo)
  pass(2 * HOUR_MS)
  await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-1') })
  await payAtPlatform(gateway, order, { evenIfClosed: true })
  pass(HOUR_MS)
  await sweepOnce()
  expect(await readEnd(gateway, order.id)).toMatchObject({ status: 'PAID', anomalies: [] })
})

test('the end of a number that is replaced is not the end of the order', async () => {
  const { gateway, pass } = await unswept()
  const expiresAt = new Date(gateway.parts.now().getTime() + 24 * HOUR_MS).toISOString()
  const { order } = await payableOrder(gateway, { expiresAt })
  await otherSystem(gateway).close(order.outTradeNo)
  pass(2 * HOUR_MS)
  const ports = withAccount(roundPorts(gateway), (account) => ({
    async prepay(request) {
      if (request.platformTradeNo === order.outTradeNo) return account.prepay(request)
      throw new PaymentError('PLATFORM_UNAVAILABLE', 'It is silent.', { reason: 'unknown-outcome' })
    },
  }))
  await expect(startThere(ports, await stored(gateway, order.id), undefined)).rejects.toThrow('It is silent.')
  expect((await stored(gateway, order.id)).numbers).toMatchObject([
    { endedAt: expect.any(Date), prepay: { id: expect.any(String) } },
    { endedAt: null, prepay: null },
  ])
  expect(await confirm(gateway, order.id, gateway.merchant.apiKey)).toMatchObject({
    order: { status: 'PENDING' },
  })
})
