import { expect, test } from 'vitest'
import {
  askingOperation,
  close,
  loseNotifications,
  notePlatformCalls,
  payAtPlatform,
  readEnd,
  stateAtPlatform,
} from '../support/asking.ts'
import { databaseAt, freshDatabaseUri } from '../support/database.ts'
import { openGateway } from '../support/gateway.ts'
import { graphql } from '../support/graphql.ts'
import { createdOrder, payableOrder, type OrderView } from '../support/orders.ts'
import { payer, startPayment } from '../support/payments.ts'
import { seen, watch } from '../support/watching.ts'

async function payable() {
  const gateway = await openGateway()
  const { order, accessToken } = await payableOrder(gateway)
  return {
    gateway,
    order,
    accessToken,
    calls: notePlatformCalls(gateway),
    close: () => close(gateway, order.id),
    pay: (terms = {}) => payAtPlatform(gateway, order, terms),
    read: () => readEnd(gateway, order.id),
    there: () => stateAtPlatform(gateway, order.outTradeNo),
    startAs: (openid: string) => startPayment(gateway, { orderId: order.id, payment: payer(openid) }),
  }
}

function tradeNosOf({ attempts }: Pick<OrderView, 'attempts'>): readonly string[] {
  return attempts.map(({ platformTradeNo }) => platformTradeNo)
}

test('a merchant closes an order, at the platform and here, and whoever watches is told', async () => {
  const { gateway, order, accessToken, calls, close, there } = await payable()
  const updates = watch(gateway, accessToken, { what: 'orderUpdated', id: order.id })
  await updates.next()
  expect(await close()).toMatchObject({
    __typename: 'OrderSuccess',
    order: {
      status: 'CLOSED',
      closeReason: 'MERCHANT',
      closedAt: expect.any(String),
      seq: 3,
      events: [{}, {}, { type: 'order.closed', source: 'API' }],
    },
  })
  expect(there()).toBe('CLOSED')
  expect(calls.map(({ what }) => what)).toEqual(['query', 'close', 'query'])
  expect(await updates.next()).toEqual(seen('orderUpdated', { id: order.id, seq: 3, status: 'CLOSED' }))
})

test('closing what is closed changes nothing and asks nobody', async () => {
  const { calls, close } = await payable()
  const first = await close()
  const asked = calls.length
  expect(await close()).toEqual(first)
  expect(calls).toHaveLength(asked)
})

test('ten who close at once close once, even by a clock that is being put back', async () => {
  const start = Date.now()
  let told = 0
  const gateway = await openGateway({ now: () => new Date(start - told++) })
  const { order } = await payableOrder(gateway)
  const answers = await Promise.all(Array.from({ length: 10 }, () => close(gateway, order.id)))
  const closed = { __typename: 'OrderSuccess', order: { status: 'CLOSED', seq: 3 } }
  expect(answers).toMatchObject(answers.map(() => closed))
  expect((await readEnd(gateway, order.id)).events).toHaveLength(3)
})

test('an order that was never started is closed', async () => {
  const gateway = await openGateway()
  const { order } = await createdOrder(gateway)
  const closed = { status: 'CLOSED', closeReason: 'MERCHANT', seq: 2 }
  expect(await close(gateway, order.id)).toMatchObject({ __typename: 'OrderSuccess', order: closed })
})

test('a paid order is not closed', async () => {
  const { gateway, calls, close, confirmed } = await paidOrder()
  expect(await close()).toMatchObject({ __typename: 'OrderNotPayable', order: confirmed })
  expect(calls).toEqual([])
  expect(gateway.simulator.notifications()).toHaveLength(1)
})

async function paidOrder() {
  const opened = await payable()
  const { gateway, order, accessToken, pay, read } = opened
  const watching = watch(gateway, accessToken, { what: 'orderPaid', id: order.id })
  await pay()
  await watching.next()
  return { ...opened, confirmed: await read() }
}

test('an order whose payment nobody was told of is PAID instead of closed', async () => {
  const { gateway, close, pay, there } = await payable()
  loseNotifications(gateway)
  const { transactionId } = await pay()
  expect(await close()).toMatchObject({
    __typename: 'OrderNotPayable',
    message: expect.stringContaining('PAID'),
    order: { status: 'PAID', transactionId, anomalies: [], events: [{}, {}, { source: 'QUERY' }] },
  })
  expect(there()).toBe('SUCCESS')
})

test('of a payer who pays while the order is being closed the platform decides', async () => {
  const { gateway, close, read } = await payable()
  gateway.simulator.faults.add({ kind: 'lose', times: 'always' })
  gateway.simulator.faults.add({ kind: 'close-race', payer: 'pays', times: 'always' })
  expect(await close()).toMatchObject({ __typename: 'OrderNotPayable', order: { status: 'PAID' } })
  expect(await read()).toMatchObject({ status: 'PAID', seq: 3, anomalies: [] })
})

test('while a payer may be paying an order is not closed, and it is when the payer has left', async () => {
  const { gateway, order, calls, close, read } = await payable()
  const fault = gateway.simulator.faults.add({ kind: 'close-race', payer: 'leaves', times: 'always' })
  expect(await close()).toMatchObject({ __typename: 'PlatformUnavailable' })
  expect(calls.map(({ what }) => what)).toEqual(['query', 'close', 'query'])
  expect(await read()).toMatchObject({ ...order, closeReason: null })
  gateway.simulator.faults.remove(fault.id)
  expect(await close()).toMatchObject({ __typename: 'OrderSuccess', order: { status: 'CLOSED' } })
})

test.each([
  ['cannot be reached', { kind: 'drop-before' }],
  ['closed it and did not say so', { kind: 'drop-after' }],
  ['says so without a signature', { kind: 'unsigned' }],
] as const)(
  'an order stays open while the platform %s, and the call can be repeated',
  async (_what, fault) => {
    const { gateway, order, close, read } = await payable()
    gateway.simulator.faults.add({ ...fault, times: 3, target: { call: 'close' } })
    expect(await close()).toMatchObject({ __typename: 'PlatformUnavailable' })
    expect(await read()).toMatchObject({ ...order, closeReason: null })
    expect(await close()).toMatchObject({ order: { status: 'CLOSED', closeReason: 'MERCHANT', seq: 3 } })
  },
)

test('a payment that cannot be believed keeps an order from being closed', async () => {
  const { gateway, close, pay } = await payable()
  loseNotifications(gateway)
  await pay()
  gateway.simulator.faults.add({ kind: 'wrong-answer', total: 1 })
  expect(await close()).toMatchObject({
    __typename: 'OrderNotPayable',
    message: expect.stringContaining('anomal'),
    order: { status: 'PENDING', anomalies: [{ kind: 'AMOUNT_MISMATCH' }] },
  })
})

test('every payment of an order is closed at the platform', async () => {
  const { gateway, close, startAs } = await payable()
  await startAs('o-payer-2')
  await startAs('o-payer-3')
  const { order } = await close()
  const numbers = order === undefined ? [] : tradeNosOf(order)
  expect(numbers).toHaveLength(3)
  expect(numbers.map((number) => stateAtPlatform(gateway, number))).toEqual(['CLOSED', 'CLOSED', 'CLOSED'])
})

test('no payment is started from the moment at which the order is being closed', async () => {
  const { gateway, calls, close, read, startAs } = await payable()
  gateway.simulator.faults.add({ kind: 'slow', ms: 60_000, target: { call: 'close' } })
  const closing = close()
  await expect.poll(() => calls.map(({ what }) => what)).toEqual(['query', 'close'])
  for (const who of ['o-payer-1', 'o-payer-2'])
    expect(await startAs(who)).toMatchObject({
      __typename: 'OrderNotPayable',
      message: expect.stringContaining('is being closed'),
    })
  gateway.simulator.faults.clear()
  expect(await closing).toMatchObject({ __typename: 'OrderSuccess', order: { status: 'CLOSED' } })
  const numbers = tradeNosOf(await read())
  expect(numbers.map((number) => stateAtPlatform(gateway, number))).toEqual(['CLOSED'])
})

test('the other payment of an order that was closed half-way is found', async () => {
  const { gateway, close, pay, read, startAs, order } = await payable()
  loseNotifications(gateway)
  await startAs('o-payer-2')
  const [, other = ''] = tradeNosOf(await read())
  await payAtPlatform(gateway, { outTradeNo: other })
  expect(await close()).toMatchObject({ __typename: 'OrderNotPayable', order: { status: 'PAID' } })
  expect(stateAtPlatform(gateway, order.outTradeNo)).toBe('CLOSED')
  await expect(pay()).rejects.toMatchObject({ code: 'ORDER_CLOSED' })
})

test('a closed order cannot be paid any more, neither resumed nor anew', async () => {
  const { gateway, order, accessToken, close, startAs } = await payable()
  await close()
  const refused = { __typename: 'OrderNotPayable', order: { status: 'CLOSED', seq: 3 } }
  expect(await startPayment(gateway, { orderId: order.id }, accessToken)).toMatchObject(refused)
  expect(await startAs('o-payer-2')).toMatchObject(refused)
})

test('an operator closes an order of any merchant, and the event says so', async () => {
  const { gateway, order, there } = await payable()
  const closed = {
    __typename: 'OrderSuccess',
    order: {
      status: 'CLOSED',
      closeReason: 'MERCHANT',
      seq: 3,
      events: [{}, {}, { type: 'order.closed', source: 'OPERATOR' }],
    },
  }
  expect(await close(gateway, order.id, gateway.operatorKey)).toMatchObject(closed)
  expect(there()).toBe('CLOSED')
  expect(await close(gateway, order.id)).toMatchObject(closed)
  const none = await close(gateway, 'ord_0123456789abcdef01234567', gateway.operatorKey)
  expect(none).toMatchObject({ __typename: 'NotFound' })
})

test('neither a page nor another merchant closes an order', async () => {
  const { gateway, order, accessToken, calls, read } = await payable()
  for (const [credential, code] of [
    [accessToken, 'FORBIDDEN'],
    [undefined, 'UNAUTHENTICATED'],
  ] as const) {
    const { errors } = await graphql(gateway.url, credential, askingOperation('closeOrder', order.id))
    expect(errors).toMatchObject([{ extensions: { code } }])
  }
  const foreign = await close(gateway, order.id, gateway.otherMerchant.apiKey)
  expect(foreign).toMatchObject({ __typename: 'NotFound' })
  expect(calls).toEqual([])
  expect(await read()).toMatchObject({ ...order, closeReason: null })
})

test('a payment about which the platform says nothing does not keep the others of its order open', async () => {
  const { gateway, startAs, close, there, order } = await payable()
  const started = await startAs('o-payer-2')
  const [, other = ''] = tradeNosOf(started.order ?? order)
  const target = { call: 'query', mchId: gateway.merchant.mchId, outTradeNo: order.outTradeNo } as const
  gateway.simulator.faults.add({ kind: 'error', status: 502, times: 'always', target })
  expect(await close()).toMatchObject({ __typename: 'PlatformUnavailable' })
  expect([there(), stateAtPlatform(gateway, other)]).toEqual(['NOTPAY', 'CLOSED'])
})

test('an order is not closed when the platform refuses to say how its payment stands', async () => {
  const { gateway, close, there } = await payable()
  const target = { call: 'query' } as const
  const fault = gateway.simulator.faults.add({
    kind: 'error',
    status: 403,
    code: 'NO_AUTH',
    times: 'always',
    target,
  })
  expect(await close()).toMatchObject({
    __typename: 'PlatformUnavailable',
    message: expect.stringContaining('NO_AUTH'),
  })
  gateway.simulator.faults.remove(fault.id)
  expect(await close()).toMatchObject({ order: { status: 'CLOSED' } })
  expect(there()).toBe('CLOSED')
})

test('an order that is being changed by too many writers at once is UNAVAILABLE, and the call can be repeated', async () => {
  const databaseUri = freshDatabaseUri()
  const database = await databaseAt(databaseUri)
  let isContended = true
  const append: typeof database.orders.append = async (...given) =>
    isContended ? 'raced' : database.orders.append(...given)
  const orders = { ...database.orders, append }
  const gateway = await openGateway({ databaseUri, database: { ...database, orders } })
  const { order } = await createdOrder(gateway)
  const operation = askingOperation('closeOrder', order.id)
  const { errors } = await graphql(gateway.url, gateway.merchant.apiKey, operation)
  expect(errors).toMatchObject([
    { message: expect.stringContaining('too many writers'), extensions: { code: 'UNAVAILABLE' } },
  ])
  isContended = false
  expect(await close(gateway, order.id)).toMatchObject({ order: { status: 'CLOSED' } })
})
