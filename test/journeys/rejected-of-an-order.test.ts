import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { rowsOf } from '../support/database.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { newest, notifications, type NotificationView } from '../support/inbox.ts'
import { paidBody, paidNotice, paymentOf, post, signedNotice, type Notice } from '../support/notification.ts'
import { payableOrder, readOrder, type OrderView } from '../support/orders.ts'
import { payer, startPayment } from '../support/payments.ts'
import { expectFail, withHeader } from '../support/refusals.ts'

async function payable() {
  const gateway = await openGateway()
  const { order } = await payableOrder(gateway)
  const filter = { orderId: order.id }
  return {
    gateway,
    order,
    listAs: (credential: string) => notifications(gateway, credential, { filter }),
  }
}

type Mistake = (gateway: TestGateway, order: OrderView) => Notice

function forged(notice: Notice): Notice {
  return withHeader(notice, 'Wechatpay-Signature', randomBytes(256).toString('base64'))
}

const LINKED: readonly (readonly [string, Mistake])[] = [
  ['with a wrong signature', (gateway, order) => forged(paidNotice(gateway, order))],
  [
    'with an unknown key',
    (gateway, order) => signedNotice(gateway, paidBody(gateway, order), { serial: 'PUB_KEY_ID_0404' }),
  ],
  [
    'that is stale',
    (gateway, order) => signedNotice(gateway, paidBody(gateway, order), { secondsFromNow: -3600 }),
  ],
  [
    'that is a probe',
    (gateway, order) => {
      const probe = `WECHATPAY/SIGNTEST/${randomBytes(160).toString('base64')}`
      return withHeader(paidNotice(gateway, order), 'Wechatpay-Signature', probe)
    },
  ],
  [
    'that was written anew on its way',
    (gateway, order) => {
      const notice = paidNotice(gateway, order)
      return { ...notice, body: JSON.stringify(JSON.parse(notice.body), null, 2) }
    },
  ],
  [
    'that is not encrypted',
    (gateway, order) => {
      const resource = paymentOf(order, gateway.merchant, new Date())
      return forged(signedNotice(gateway, JSON.stringify({ id: '1', resource })))
    },
  ],
  [
    'of another version of the API',
    (gateway, { outTradeNo }) => {
      const body = `<xml><out_trade_no><![CDATA[${outTradeNo}]]></out_trade_no></xml>`
      return forged(signedNotice(gateway, body))
    },
  ],
]

test.each(LINKED)('a rejected notification %s is found by the order that it names', async (_what, build) => {
  const { gateway, order, listAs } = await payable()
  expectFail(gateway, await post(gateway, build(gateway, order)), 401)
  for (const credential of [gateway.operatorKey, gateway.merchant.apiKey]) {
    expect(await listAs(credential)).toMatchObject({
      totalCount: 1,
      nodes: [{ id: expect.stringMatching(/^rej_/), outcome: 'REFUSED', order: { id: order.id } }],
    })
  }
  const nothing = { totalCount: 0, nodes: [] }
  expect(await listAs(gateway.otherMerchant.apiKey)).toMatchObject(nothing)
  expect(await readOrder(gateway, order.id)).toEqual(order)
})

const UNLINKED: readonly (readonly [string, Mistake])[] = [
  ['that names no order', (gateway) => forged(signedNotice(gateway, '{}'))],
  [
    'of an order that is not there',
    (gateway, order) => forged(paidNotice(gateway, { ...order, outTradeNo: 'T-not-here' })),
  ],
  [
    'that the key here does not open',
    (gateway, order) => forged(paidNotice(gateway, order, { apiV3Key: 'x'.repeat(32) })),
  ],
  [
    "of another merchant's order",
    (gateway, order) => paidNotice(gateway, order, { merchant: gateway.otherMerchant }),
  ],
]

test.each(UNLINKED)('a rejected notification %s has no order', async (_what, build) => {
  const { gateway, order, listAs } = await payable()
  expectFail(gateway, await post(gateway, build(gateway, order)), 401)
  expect(await newest(gateway)).toMatchObject({ outcome: 'REFUSED', order: null })
  expect(await listAs(gateway.operatorKey)).toMatchObject({ totalCount: 0, nodes: [] })
})

test("another merchant's order of the same number is not what a rejected notification is about", async () => {
  const { gateway, order } = await payable()
  const { outTradeNo } = order
  const theirs = await payableOrder(gateway, { outTradeNo }, gateway.otherMerchant.apiKey)
  await post(gateway, forged(paidNotice(gateway, order)))
  const filter = { orderId: theirs.order.id }
  expect(await notifications(gateway, gateway.operatorKey, { filter })).toMatchObject({ totalCount: 0 })
})

test("another payer's number names the order, too", async () => {
  const { gateway, order, listAs } = await payable()
  await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-2') })
  const [, second] = (await readOrder(gateway, order.id)).attempts
  const outTradeNo = second?.platformTradeNo ?? ''
  expect(outTradeNo).not.toBe(order.outTradeNo)
  await post(gateway, forged(paidNotice(gateway, { ...order, outTradeNo })))
  expect(await listAs(gateway.operatorKey)).toMatchObject({ totalCount: 1 })
})

/** What was kept and what was rejected, of one order and of others. */
async function assorted() {
  const opened = await payable()
  const { gateway, order } = opened
  const { order: other } = await payableOrder(gateway)
  const payment = { transaction_id: '42000001' }
  const stale = paidBody(gateway, order)
  for (const notice of [
    forged(paidNotice(gateway, order)),
    forged(paidNotice(gateway, other)),
    paidNotice(gateway, order, { payment: { success_time: 'soon' } }),
    paidNotice(gateway, order, { payment }),
    signedNotice(gateway, stale, { secondsFromNow: -3600 }),
    paidNotice(gateway, other),
    paidNotice(gateway, order, { payment }),
    forged(paidNotice(gateway, order)),
    signedNotice(gateway, stale, { secondsFromNow: -3599 }),
  ]) {
    await post(gateway, notice)
  }
  return opened
}

const OUTCOMES = ['REFUSED', 'DUPLICATE', 'REFUSED', 'APPLIED', 'PENDING', 'REFUSED']

test.each([1, 2, 3, 5, 6, 100])('pages of %i show everything about an order once', async (first) => {
  const { gateway, order } = await assorted()
  const filter = { orderId: order.id }
  const seen: NotificationView[] = []
  let after: string | undefined
  do {
    const question = { first, filter, ...(after !== undefined && { after }) }
    const { nodes, pageInfo, totalCount } = await notifications(gateway, gateway.merchant.apiKey, question)
    expect(totalCount).toBe(OUTCOMES.length)
    seen.push(...nodes)
    after = pageInfo.hasNextPage ? (pageInfo.endCursor ?? '') : undefined
  } while (after !== undefined)
  expect(seen.map(({ outcome }) => outcome)).toEqual(OUTCOMES)
  expect(new Set(seen.map((node) => node.order?.id))).toEqual(new Set([order.id]))
  expect(new Set(seen.map(({ id }) => id)).size).toBe(OUTCOMES.length)
})

test.each([
  [{ outcome: ['REFUSED'] }, 3],
  [{ outcome: ['APPLIED'] }, 1],
  [{ verdict: ['STALE_TIMESTAMP'] }, 1],
  [{ verdict: ['STALE_TIMESTAMP', 'UNREADABLE'] }, 2],
  [{ verdict: ['BAD_SIGNATURE'], outcome: ['APPLIED'] }, 0],
  [{ merchantId: 'brew' }, 0],
])('of an order, the filter %j is kept to', async (narrower, count) => {
  const { gateway, order } = await assorted()
  const filter = { orderId: order.id, ...narrower }
  const { nodes, totalCount } = await notifications(gateway, gateway.operatorKey, { filter })
  expect([nodes.length, totalCount]).toEqual([count, count])
})

test('what is only counted is not looked up', async () => {
  const { gateway, order } = await payable()
  const body = paidBody(gateway, order)
  for (let delivery = 0; delivery < 3; delivery += 1) {
    await post(gateway, signedNotice(gateway, body, { secondsFromNow: -3600 }))
  }
  expect(await rowsOf(gateway.databaseUri, 'rejectedNotifications')).toMatchObject([
    { attempts: 3, orderId: order.id },
  ])
})
