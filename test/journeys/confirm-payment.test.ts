import { expect, test, vi } from 'vitest'
import {
  askingOperation,
  confirm,
  loseNotifications,
  notePlatformCalls,
  payAtPlatform,
} from '../support/asking.ts'
import { rowsOf } from '../support/database.ts'
import { openGateway, type GatewayChanges, type TestGateway } from '../support/gateway.ts'
import { graphql } from '../support/graphql.ts'
import { createdOrder, payableOrder, readOrder } from '../support/orders.ts'
import { seen, watch } from '../support/watching.ts'

const TURN_MS = 2000

/** An order whose payments nobody is told of. */
async function silent(changes: GatewayChanges = {}) {
  const gateway = await openGateway(changes)
  const { order, accessToken } = await payableOrder(gateway)
  loseNotifications(gateway)
  const calls = notePlatformCalls(gateway)
  return {
    gateway,
    order,
    accessToken,
    calls,
    pay: () => payAtPlatform(gateway, order),
    confirm: () => confirm(gateway, order.id, accessToken),
    read: () => readOrder(gateway, order.id),
  }
}

test('a payment whose notification is lost is found by asking, and rings', async () => {
  const { gateway, order, accessToken, pay, confirm } = await silent()
  const watching = watch(gateway, accessToken, { what: 'orderUpdated', id: order.id })
  await watching.next()
  const { transactionId } = await pay()
  expect(await confirm()).toMatchObject({
    __typename: 'OrderSuccess',
    order: {
      status: 'PAID',
      seq: 3,
      transactionId,
      platformState: 'SUCCESS',
      anomalies: [],
      events: [{}, {}, { seq: 3, type: 'order.paid', source: 'QUERY' }],
    },
  })
  expect(await watching.next()).toEqual(seen('orderUpdated', { id: order.id, seq: 3, status: 'PAID' }))
})

test('an order that nobody paid is as it was', async () => {
  const { order, calls, confirm, read } = await silent()
  expect(await confirm()).toMatchObject({ __typename: 'OrderSuccess', order })
  expect(await read()).toEqual(order)
  expect(calls).toMatchObject([{ what: 'query', tradeNo: order.outTradeNo }])
})

test('an order that was never started at the platform can be asked about', async () => {
  const gateway = await openGateway()
  const { order, accessToken } = await createdOrder(gateway)
  expect(await confirm(gateway, order.id, accessToken)).toMatchObject({ __typename: 'OrderSuccess', order })
})

test('twenty who ask at once ask the platform once', async () => {
  const { calls, pay, confirm } = await silent()
  await pay()
  const answers = await Promise.all(Array.from({ length: 20 }, confirm))
  const paid = { __typename: 'OrderSuccess', order: { status: 'PAID', seq: 3 } }
  expect(answers).toMatchObject(answers.map(() => paid))
  expect(calls).toHaveLength(1)
})

test('whoever asks again within two seconds waits for the turn', async () => {
  const { gateway, calls, pay, confirm } = await silent()
  // When a question was begun, not when it arrived: the first one has a connection to open.
  async function askedAt(): Promise<number> {
    const [{ askedAt: at } = {}] = await rowsOf(gateway.databaseUri, 'orders')
    return at instanceof Date ? at.getTime() : Number.NaN
  }
  await confirm()
  const first = await askedAt()
  await pay()
  expect(await confirm()).toMatchObject({ order: { status: 'PAID' } })
  expect(calls).toHaveLength(2)
  expect((await askedAt()) - first).toBeGreaterThanOrEqual(TURN_MS)
})

/** Another process of the same gateway. */
function openAnother({ databaseUri, parts }: TestGateway): Promise<TestGateway> {
  const { merchants, tokenSecrets } = parts
  return openGateway({ databaseUri, merchants, tokenSecrets })
}

test.each([0, -1000])(
  'of two gateways, clocks %d ms apart, one asks for longer than a turn, and the other learns it from the order',
  async (apartMs) => {
    const { gateway, order, accessToken, calls, pay, confirm: confirmHere } = await silent()
    const other = await openAnother(gateway)
    other.advance(apartMs)
    await pay()
    gateway.simulator.faults.add({ kind: 'slow', ms: TURN_MS + 500, target: { call: 'query' } })
    const here = confirmHere()
    await vi.waitFor(() => expect(calls).toHaveLength(1), { timeout: 20_000 })
    const answers = await Promise.all([here, confirm(other, order.id, accessToken)])
    expect(answers).toMatchObject([{ order: { status: 'PAID' } }, { order: { status: 'PAID' } }])
    expect(calls).toHaveLength(1)
  },
)

test('a question that failed is asked again by whoever waits for its answer', async () => {
  const { gateway, order, accessToken, pay, confirm: confirmHere } = await silent()
  const other = await openAnother(gateway)
  await pay()
  const target = { call: 'query' } as const
  gateway.simulator.faults.add({ kind: 'error', status: 403, code: 'NO_AUTH', target })
  const answers = await Promise.all([confirmHere(), confirm(other, order.id, accessToken)])
  const names = answers.map(({ __typename }) => __typename)
  expect(names.sort()).toEqual(['OrderSuccess', 'PlatformUnavailable'])
})

test('a process that died over its question blocks the order for some seconds, and not for good', async () => {
  const { gateway, order, pay, confirm } = await silent()
  await pay()
  const claimed = { now: gateway.parts.now(), gapMs: 0, leaseMs: 15_000 }
  expect(await gateway.parts.database.orders.claimQuestion(order.id, claimed)).toBe(true)
  const asking = confirm()
  gateway.advance(15_000)
  expect(await asking).toMatchObject({ order: { status: 'PAID' } })
})

test("a merchant's questions have a budget, of which callers leave a quarter to the schedule", async () => {
  const at = new Date()
  const { gateway, calls } = await silent({ queryBudgetPerSecond: 2, now: () => at })
  const ask = async (credential = gateway.merchant.apiKey) => {
    const { order } = await payableOrder(gateway, {}, credential)
    return confirm(gateway, order.id, credential)
  }
  const names = [await ask(), await ask(), await ask(), await ask()].map(({ __typename }) => __typename)
  expect(names).toEqual(['OrderSuccess', 'OrderSuccess', 'OrderSuccess', 'PlatformUnavailable'])
  expect(calls).toHaveLength(3)
  expect(await ask(gateway.otherMerchant.apiKey)).toMatchObject({ __typename: 'OrderSuccess' })
})

test('a paid order needs no question', async () => {
  const { calls, pay, confirm } = await silent()
  await pay()
  const paid = await confirm()
  expect(await confirm()).toEqual(paid)
  expect(calls).toHaveLength(1)
})

test('a platform that is down leaves everything as it was, and can be asked later', async () => {
  const { gateway, order, pay, confirm, read } = await silent()
  await pay()
  gateway.simulator.faults.add({ kind: 'error', status: 502, times: 3, target: { call: 'query' } })
  expect(await confirm()).toMatchObject({ __typename: 'PlatformUnavailable', message: expect.any(String) })
  expect(await read()).toEqual(order)
  gateway.advanceAll(TURN_MS)
  expect(await confirm()).toMatchObject({ order: { status: 'PAID' } })
})

test.each([
  ['nobody signed', { kind: 'unsigned' }],
  ['a stranger signed', { kind: 'wrong-signature' }],
  ['is a probe', { kind: 'probe-answer' }],
  ['says paid and not by what', { kind: 'wrong-answer', tradeState: 'SUCCESS' }],
] as const)('an answer that %s is not believed', async (_what, fault) => {
  const { gateway, order, confirm, read } = await silent()
  gateway.simulator.faults.add({ ...fault, times: 'always' })
  expect(await confirm()).toMatchObject({ __typename: 'PlatformUnavailable' })
  expect(await read()).toEqual(order)
})

test('a refusal of the platform is no answer about the payment', async () => {
  const { gateway, order, confirm, read } = await silent()
  gateway.simulator.faults.add({ kind: 'error', status: 403, code: 'NO_AUTH', target: { call: 'query' } })
  const answer = await confirm()
  expect(answer).toMatchObject({ __typename: 'PlatformUnavailable' })
  expect(answer.message).toContain('NO_AUTH')
  expect(await read()).toEqual(order)
})

test('a payment of another amount is an anomaly, once, and no payment', async () => {
  const { gateway, pay, confirm, read } = await silent()
  await pay()
  gateway.simulator.faults.add({ kind: 'wrong-answer', total: 1 })
  expect(await confirm()).toMatchObject({
    __typename: 'OrderSuccess',
    order: { status: 'PENDING', transactionId: null, anomalies: [{ kind: 'AMOUNT_MISMATCH' }] },
  })
  gateway.advanceAll(TURN_MS)
  expect(await confirm()).toMatchObject({ order: { status: 'PAID', seq: 4 } })
  expect((await read()).anomalies).toHaveLength(1)
})

test("nobody may ask about another's order, and nobody at all without a name", async () => {
  const { gateway, order, calls } = await silent()
  const { accessToken: anothers } = await payableOrder(gateway)
  for (const credential of [gateway.otherMerchant.apiKey, anothers]) {
    expect(await confirm(gateway, order.id, credential)).toMatchObject({ __typename: 'NotFound' })
  }
  const unnamed = await graphql(gateway.url, undefined, askingOperation('confirmPayment', order.id))
  expect(unnamed.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
  expect(calls).toEqual([])
  for (const credential of [gateway.merchant.apiKey, gateway.operatorKey]) {
    expect(await confirm(gateway, order.id, credential)).toMatchObject({ __typename: 'OrderSuccess' })
    gateway.advanceAll(TURN_MS)
  }
  expect(calls).toHaveLength(2)
})
