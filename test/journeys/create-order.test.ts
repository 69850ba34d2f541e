import { expect, test } from 'vitest'
import { rowsOf } from '../support/database.ts'
import { freePort } from '../support/free-port.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { paidNotice, post } from '../support/notification.ts'
import { createdOrder, createOrder, freshTradeNo, payableOrder, readOrder } from '../support/orders.ts'
import { expectSigned, payer } from '../support/payments.ts'

const HOUR_MS = 60 * 60 * 1000
const DAY_MS = 24 * HOUR_MS

function fromNow(milliseconds: number): string {
  return new Date(Math.floor(Date.now() / 1000) * 1000 + milliseconds).toISOString()
}

function ordersOf({ databaseUri }: TestGateway) {
  return rowsOf(databaseUri, 'orders')
}

test('the same input again is the same order, with parameters that are signed anew', async () => {
  const gateway = await openGateway()
  const same = { outTradeNo: freshTradeNo(), expiresAt: fromNow(HOUR_MS), metadata: { table: 7 } }
  const first = await payableOrder(gateway, same)
  const again = await payableOrder(gateway, same)
  expect(again.order).toEqual(first.order)
  expectSigned(gateway, first.parameters)
  expectSigned(gateway, again.parameters)
  expect(again.parameters?.['package']).toBe(first.parameters?.['package'])
  expect(again.parameters?.['nonceStr']).not.toBe(first.parameters?.['nonceStr'])
  expect(await ordersOf(gateway)).toHaveLength(1)
})

test('the same input twenty times at once is one order that one payment pays', async () => {
  const gateway = await openGateway()
  const { mchId } = gateway.merchant
  const outTradeNo = freshTradeNo()
  const created = await Promise.all(Array.from({ length: 20 }, () => payableOrder(gateway, { outTradeNo })))
  expect(new Set(created.map(({ order }) => order.id)).size).toBe(1)
  for (const { parameters } of created) expectSigned(gateway, parameters)
  expect(await ordersOf(gateway)).toHaveLength(1)
  expect(gateway.simulator.orders()).toMatchObject([{ mchId, outTradeNo, state: 'NOTPAY' }])
  const [first] = created
  const order = await readOrder(gateway, first?.order.id ?? '')
  expect(order).toMatchObject({ status: 'PENDING', attempts: [{ platformTradeNo: outTradeNo }] })
  expect(order.events.map(({ seq }) => seq)).toEqual(order.events.map((_event, index) => index + 1))
})

test.each([
  ['description', { description: 'coffee' }],
  ['amount.total', { amount: { total: 101 } }],
  ['metadata', { metadata: { table: 8 } }],
  ['metadata', { metadata: null }],
  ['expiresAt', { expiresAt: fromNow(2 * HOUR_MS) }],
  ['payer', { payment: payer('o-payer-2') }],
  ['payer', { payment: payer('o-payer-1', 'wxacme1111111111') }],
])('the same number with another %s is a conflict that names it', async (what, difference) => {
  const gateway = await openGateway()
  const same = { outTradeNo: freshTradeNo(), expiresAt: fromNow(HOUR_MS), metadata: { table: 7 } }
  const { order } = await payableOrder(gateway, same)
  const answer = await createOrder(gateway, { ...same, ...difference })
  expect(answer).toMatchObject({ __typename: 'OutTradeNoConflict', order })
  expect(answer.message).toMatch(new RegExp(`another ${what.replace('.', String.raw`\.`)}\\.$`))
  expect(await readOrder(gateway, order.id)).toEqual(order)
  expect(await ordersOf(gateway)).toHaveLength(1)
})

test('leaving the expiry out of a repeated call is no difference', async () => {
  const gateway = await openGateway()
  const same = { outTradeNo: freshTradeNo() }
  const { order } = await payableOrder(gateway, { ...same, expiresAt: fromNow(HOUR_MS) })
  expect((await payableOrder(gateway, same)).order).toEqual(order)
})

test('two merchants may use the same number', async () => {
  const gateway = await openGateway()
  const outTradeNo = freshTradeNo()
  const ours = await payableOrder(gateway, { outTradeNo })
  const theirs = await payableOrder(
    gateway,
    { outTradeNo, amount: { total: 5 } },
    gateway.otherMerchant.apiKey,
  )
  expect(theirs.order.id).not.toBe(ours.order.id)
  expect(theirs.order).toMatchObject({ outTradeNo, amount: { total: 5 } })
  expect(await readOrder(gateway, ours.order.id)).toEqual(ours.order)
})

/** JSON with this many nested lists, or what `wrap` makes. */
function nested(levels: number, wrap: (inner: unknown) => unknown = (inner) => [inner]): unknown {
  let json: unknown = 0
  for (let level = 0; level < levels; level += 1) json = wrap(json)
  return json
}

const OUT_OF_RANGE: readonly (readonly [string, string, object])[] = [
  ['outTradeNo', 'of 5 characters', { outTradeNo: 'T2345' }],
  ['outTradeNo', 'of 33 characters', { outTradeNo: 'T'.repeat(33) }],
  ['outTradeNo', 'with a space', { outTradeNo: 'T 00001' }],
  ['outTradeNo', 'with a line feed at its end', { outTradeNo: 'T00001\n' }],
  ['outTradeNo', 'with a Chinese character', { outTradeNo: 'T00001茶' }],
  ['description', 'without a character', { description: '' }],
  ['description', 'of white space', { description: ' \t ' }],
  ['description', 'of 128 bytes', { description: 'x'.repeat(128) }],
  ['description', 'of 43 Chinese characters', { description: '茶'.repeat(43) }],
  ['description', 'with an emoji', { description: 'tea 🍵' }],
  ['description', 'with half an emoji', { description: 'tea \ud83c' }],
  ['description', 'with a control character', { description: 'tea\u0000' }],
  ['description', 'with reversed direction', { description: 'tea \u202e001' }],
  ['description', 'with an isolate', { description: 'tea \u2066x\u2069' }],
  ['description', 'with an invisible character', { description: 'tea\u200b' }],
  ['description', 'with a byte-order mark', { description: '\ufefftea' }],
  ['description', 'with a line separator', { description: 'tea\u2028PAID' }],
  ['description', 'with a paragraph separator', { description: 'tea\u2029PAID' }],
  ['description', 'with a private character', { description: 'tea \ue000' }],
  ['description', 'with what is no character', { description: 'tea \uffff' }],
  ['amount.total', 'of nothing', { amount: { total: 0 } }],
  ['amount.total', 'below nothing', { amount: { total: -1 } }],
  ['amount.total', 'of a million yuan and a fen', { amount: { total: 100_000_001 } }],
  ['amount.currency', 'of another country', { amount: { total: 1, currency: 'USD' } }],
  ['expiresAt', 'in the past', { expiresAt: fromNow(-1000) }],
  ['expiresAt', 'over 90 days ahead', { expiresAt: fromNow(90 * DAY_MS + 600_000) }],
  ['metadata', 'of 4097 bytes', { metadata: 'x'.repeat(4095) }],
  ['metadata', 'of 1368 characters and 4100 bytes', { metadata: '茶'.repeat(1366) }],
  ['metadata', 'of 33 nested lists', { metadata: nested(33) }],
  ['metadata', 'of 33 nested objects', { metadata: nested(33, (inner) => ({ inner })) }],
  ['metadata', 'nested 2000 deep', { metadata: nested(2000) }],
  ['payment.wechatpay.openid', 'without a character', { payment: payer('') }],
  ['payment.wechatpay.openid', 'with a space', { payment: payer('o payer') }],
  ['payment.wechatpay.openid', 'of 129 characters', { payment: payer('o'.repeat(129)) }],
  ['payment.wechatpay.appId', 'of another merchant', { payment: payer('o-payer-1', 'wxbrew0000000000') }],
]

test('what is out of range is refused by name, and nothing is stored', async () => {
  const gateway = await openGateway()
  for (const [field, what, input] of OUT_OF_RANGE) {
    const answer = await createOrder(gateway, input)
    expect(answer, `${field} ${what}`).toMatchObject({ __typename: 'InvalidInput', field })
    expect(answer.message).toMatch(/^\S.* must .*\.$/)
  }
  expect(await ordersOf(gateway)).toEqual([])
  expect(gateway.simulator.orders()).toEqual([])
})

const IN_RANGE: readonly (readonly [string, object])[] = [
  ['an outTradeNo of 6 characters', { outTradeNo: 'T2_-|*' }],
  ['an outTradeNo of 32 characters', { outTradeNo: 'T'.repeat(32) }],
  ['a description of 127 bytes', { description: `${'茶'.repeat(42)}x` }],
  ['a total of one fen', { amount: { total: 1, currency: 'CNY' } }],
  ['a total of a million yuan', { amount: { total: 100_000_000 } }],
  ['an expiry almost 90 days ahead', { expiresAt: fromNow(90 * DAY_MS - 60_000) }],
  ['metadata of 4096 bytes', { metadata: 'x'.repeat(4094) }],
  ['metadata of 32 nested lists', { metadata: nested(32) }],
  ['an openid of 128 characters', { payment: payer('o'.repeat(128)) }],
  ["the merchant's other app", { payment: payer('o-payer-1', 'wxacme1111111111') }],
]

test('the limits themselves are within range', async () => {
  const gateway = await openGateway()
  for (const [what, input] of IN_RANGE) {
    const { order, parameters } = await payableOrder(gateway, input)
    expect(order, what).toMatchObject({ status: 'PENDING', seq: 2 })
    expectSigned(gateway, parameters)
  }
})

test('while the platform is down the order is kept, and the same call finishes it afterwards', async () => {
  const gateway = await openGateway({ platformPort: await freePort() })
  const same = { outTradeNo: freshTradeNo(), expiresAt: fromNow(HOUR_MS) }
  await gateway.simulator.close()
  const answer = await createOrder(gateway, same)
  expect(answer).toMatchObject({ __typename: 'PlatformUnavailable', message: expect.any(String) })
  const [row] = await ordersOf(gateway)
  const kept = await readOrder(gateway, String(row?.['_id']))
  expect(kept).toMatchObject({ status: 'CREATED', seq: 1, attempts: [], outTradeNo: same.outTradeNo })

  await gateway.reopenPlatform()
  const { order, parameters } = await payableOrder(gateway, same)
  expect(order).toMatchObject({ id: kept.id, status: 'PENDING', seq: 2 })
  expectSigned(gateway, parameters)
})

test('what the platform refuses is told with its code, and another app can still be used', async () => {
  const gateway = await openGateway()
  const same = { outTradeNo: freshTradeNo() }
  const refused = await createOrder(gateway, {
    ...same,
    payment: payer('o-payer-1', gateway.merchant.unboundAppId),
  })
  expect(refused).toMatchObject({ __typename: 'PlatformRefused', code: 'APPID_MCHID_NOT_MATCH' })
  expect(refused.message).not.toContain('o-payer-1')
  expect(await ordersOf(gateway)).toMatchObject([{ status: 'CREATED', seq: 1, attempts: [] }])
  expect((await payableOrder(gateway, same)).order).toMatchObject({ status: 'PENDING', seq: 2 })
})

test('a repeated call for a paid order gives the order and no payment', async () => {
  const gateway = await openGateway()
  const same = { outTradeNo: freshTradeNo() }
  const { order } = await payableOrder(gateway, same)
  await post(gateway, paidNotice(gateway, order))
  const again = await createOrder(gateway, same)
  expect(again).toMatchObject({ __typename: 'CreateOrderSuccess', order: { id: order.id, status: 'PAID' } })
  expect(again.payment).toBeNull()
})

test('a repeated call for an expired order gives the order and no payment', async () => {
  const gateway = await openGateway()
  const same = { outTradeNo: freshTradeNo(), expiresAt: fromNow(HOUR_MS) }
  const { order } = await payableOrder(gateway, same)
  gateway.advanceAll(HOUR_MS)
  const again = await createOrder(gateway, same)
  expect(again).toMatchObject({ __typename: 'CreateOrderSuccess', order: { id: order.id, seq: order.seq } })
  expect(again.payment).toBeNull()
  const fresh = await createOrder(gateway, { ...same, outTradeNo: freshTradeNo() })
  expect(fresh).toMatchObject({ __typename: 'InvalidInput', field: 'expiresAt' })
})

test('an order without a say about its expiry can be paid for two hours', async () => {
  const gateway = await openGateway()
  const before = Math.floor(Date.now() / 1000) * 1000
  const { order } = await createdOrder(gateway)
  const lifetime = new Date(order.expiresAt).getTime() - before
  expect(lifetime).toBeGreaterThanOrEqual(2 * HOUR_MS)
  expect(lifetime).toBeLessThan(2 * HOUR_MS + 60_000)
})
