import { expect, test } from 'vitest'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { graphql } from '../support/graphql.ts'
import {
  newest,
  notifications,
  notificationsOperation,
  NOTIFICATION_FIELDS,
  type NotificationView,
} from '../support/inbox.ts'
import { paidNotice, post, type Notice } from '../support/notification.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { freshTradeNo, payableOrder, type OrderView } from '../support/orders.ts'
import { withHeader } from '../support/refusals.ts'

const CHINESE = /\p{Script=Han}/u

async function payable() {
  const gateway = await openGateway()
  const { order, accessToken } = await payableOrder(gateway)
  return { gateway, order, accessToken, operatorKey: gateway.operatorKey }
}

function forged(gateway: TestGateway, order: OrderView): Notice {
  return withHeader(
    paidNotice(gateway, order),
    'Wechatpay-Signature',
    Buffer.alloc(256, 1).toString('base64'),
  )
}

/** One callback of each outcome, oldest first; the third and the fifth were refused. */
async function assorted() {
  const opened = await payable()
  const { gateway, order } = opened
  const payment = { transaction_id: '42000001' }
  const unknown = { outTradeNo: freshTradeNo(), amount: order.amount }
  await post(gateway, paidNotice(gateway, order, { payment }))
  await post(gateway, paidNotice(gateway, order, { payment }))
  await post(gateway, forged(gateway, order))
  await post(gateway, paidNotice(gateway, unknown))
  await post(gateway, withHeader(paidNotice(gateway, order), 'Wechatpay-Timestamp', '1'))
  await post(gateway, paidNotice(gateway, order, { envelope: { event_type: 'COUPON.USE' } }))
  await post(gateway, paidNotice(gateway, order, { apiV3Key: '0'.repeat(32) }))
  return opened
}

const OUTCOMES = ['APPLIED', 'DUPLICATE', 'REFUSED', 'UNMATCHED', 'REFUSED', 'IGNORED', 'PENDING'].reverse()

function outcomesOf(nodes: readonly NotificationView[]): readonly string[] {
  return nodes.map(({ outcome }) => outcome)
}

test('a kept callback shows what verification said, and what became of it', async () => {
  const { gateway, order, operatorKey } = await payable()
  const notice = paidNotice(gateway, order, { envelope: { id: 'the-same' } })
  await post(gateway, notice)
  gateway.advance(1000)
  await post(gateway, notice)
  const { nodes, totalCount } = await notifications(gateway, operatorKey)
  expect(totalCount).toBe(1)
  expect(nodes).toMatchObject([
    {
      id: expect.stringMatching(/^ntf_/),
      platform: 'WECHATPAY',
      merchantId: 'acme',
      platformNotificationId: 'the-same',
      eventType: 'TRANSACTION.SUCCESS',
      verdict: 'VERIFIED',
      outcome: 'APPLIED',
      attempts: 2,
      en: `It changed order ${order.outTradeNo}: order.paid; it was delivered 2 times and applied once.`,
      zh: expect.stringMatching(CHINESE),
      order: { id: order.id },
      rawBody: notice.body,
      rawHeaders: expect.arrayContaining([...notice.headers]),
    },
  ])
  const [node] = nodes
  expect(Date.parse(node?.lastReceivedAt ?? '') - Date.parse(node?.firstReceivedAt ?? '')).toBeGreaterThan(
    999,
  )
})

test('what had its effect says how often it was delivered, and the line of a further delivery that it changed nothing', async () => {
  const { log, lines } = recordedLog()
  const gateway = await openGateway({ log })
  const { order } = await payableOrder(gateway)
  const payment = { transaction_id: '42000001' }
  const [first, second] = [1, 2].map(() => paidNotice(gateway, order, { payment }))
  for (const notice of [first, second, second, second]) {
    if (notice !== undefined) await post(gateway, notice)
  }
  const { nodes } = await notifications(gateway, gateway.merchant.apiKey)
  const { outTradeNo } = order
  expect(nodes).toMatchObject([
    {
      outcome: 'DUPLICATE',
      en: `Order ${outTradeNo} knew this already; nothing changed; it was delivered 3 times.`,
      zh: `订单 ${outTradeNo} 已知此事，没有变化；共投递 3 次。`,
    },
    {
      outcome: 'APPLIED',
      en: `It changed order ${outTradeNo}: order.paid.`,
      zh: `已应用到订单 ${outTradeNo}：order.paid。`,
    },
  ])
  const reasons = lines.flatMap(({ fields }) => ('reason' in fields ? [fields.reason] : []))
  expect(reasons.slice(2)).toEqual(
    [2, 3].map(
      (delivery) => `It had its effect before; this delivery, number ${delivery} of it, changed nothing.`,
    ),
  )
})

test('a refused callback shows why, in both languages, and its exact bytes', async () => {
  const { gateway, order } = await payable()
  const notice = forged(gateway, order)
  await post(gateway, notice)
  const refused = await newest(gateway)
  expect(refused).toMatchObject({
    id: expect.stringMatching(/^rej_/),
    platformNotificationId: null,
    eventType: null,
    verdict: 'BAD_SIGNATURE',
    outcome: 'REFUSED',
    attempts: 1,
    en: expect.stringMatching(/^[A-Z].*\.$/),
    zh: expect.stringMatching(CHINESE),
    order: { id: order.id },
    rawBody: notice.body,
    rawHeaders: expect.arrayContaining([...notice.headers]),
  })
  expect(refused.firstReceivedAt).toBe(refused.lastReceivedAt)
  expect(refused.en).not.toMatch(CHINESE)
})

test('what was kept and what was refused are one list, newest first', async () => {
  const { gateway, operatorKey } = await assorted()
  const { nodes, edges, totalCount, pageInfo } = await notifications(gateway, operatorKey)
  expect(outcomesOf(nodes)).toEqual(OUTCOMES)
  expect(edges.map(({ node }) => node.id)).toEqual(nodes.map(({ id }) => id))
  expect(totalCount).toBe(OUTCOMES.length)
  expect(pageInfo).toEqual({
    hasNextPage: false,
    hasPreviousPage: false,
    startCursor: edges[0]?.cursor,
    endCursor: edges.at(-1)?.cursor,
  })
})

test.each([1, 2, 3, 6, 7])('pages of %i show every callback once, in the same order', async (first) => {
  const { gateway, operatorKey } = await assorted()
  const { nodes: all } = await notifications(gateway, operatorKey)
  const seen: NotificationView[] = []
  let after: string | undefined
  for (;;) {
    const question = { first, ...(after !== undefined && { after }) }
    const { nodes, pageInfo, totalCount } = await notifications(gateway, operatorKey, question)
    expect(nodes.length).toBeLessThanOrEqual(first)
    expect(totalCount).toBe(OUTCOMES.length)
    expect(pageInfo.hasPreviousPage).toBe(after !== undefined)
    seen.push(...nodes)
    if (!pageInfo.hasNextPage) break
    after = pageInfo.endCursor ?? ''
  }
  expect(seen).toEqual(all)
})

test('what comes between two pages does not move the second', async () => {
  const { gateway, order, operatorKey } = await assorted()
  const { nodes: all } = await notifications(gateway, operatorKey)
  const { pageInfo } = await notifications(gateway, operatorKey, { first: 3 })
  await post(gateway, forged(gateway, order))
  await post(gateway, paidNotice(gateway, order))
  const { nodes } = await notifications(gateway, operatorKey, { first: 3, after: pageInfo.endCursor ?? '' })
  expect(nodes).toEqual(all.slice(3, 6))
})

test.each([
  [{ outcome: ['REFUSED'] }, ['REFUSED', 'REFUSED']],
  [{ outcome: ['APPLIED', 'REFUSED'] }, ['REFUSED', 'REFUSED', 'APPLIED']],
  [{ outcome: ['PENDING'] }, ['PENDING']],
  [{ outcome: [] }, []],
  [{ verdict: ['VERIFIED'] }, ['IGNORED', 'UNMATCHED', 'DUPLICATE', 'APPLIED']],
  [{ verdict: ['UNDECRYPTABLE', 'STALE_TIMESTAMP'] }, ['PENDING', 'REFUSED']],
  [{ verdict: ['BAD_SIGNATURE'], outcome: ['APPLIED'] }, []],
  [{ verdict: null, outcome: null, merchantId: null, orderId: null }, OUTCOMES],
  [{ merchantId: 'brew' }, []],
  [{ merchantId: 'acme', outcome: ['IGNORED'] }, ['IGNORED']],
  [{ orderId: 'ord_0123456789abcdef01234567' }, []],
])('the filter %j is kept to', async (filter, outcomes) => {
  const { gateway, operatorKey } = await assorted()
  const { nodes, totalCount } = await notifications(gateway, operatorKey, { filter })
  expect(outcomesOf(nodes)).toEqual(outcomes)
  expect(totalCount).toBe(outcomes.length)
})

test('the callbacks of one order are those that concerned it', async () => {
  const { gateway, order, operatorKey } = await assorted()
  const { nodes, totalCount } = await notifications(gateway, operatorKey, { filter: { orderId: order.id } })
  // The two that were refused, and the one that is ignored, name it inside the encryption.
  const found = ['IGNORED', 'REFUSED', 'REFUSED', 'DUPLICATE', 'APPLIED']
  expect([outcomesOf(nodes), totalCount]).toEqual([found, 5])
})

/** A callback, and a refused one, of each of two merchants. */
async function ofTwoMerchants() {
  const opened = await payable()
  const { gateway, order } = opened
  const theirs = await payableOrder(gateway, {}, gateway.otherMerchant.apiKey)
  const merchant = gateway.otherMerchant
  await post(gateway, paidNotice(gateway, order))
  await post(gateway, forged(gateway, order))
  await post(gateway, paidNotice(gateway, theirs.order, { merchant }), 'brew')
  await post(gateway, forged(gateway, theirs.order), 'brew')
  return { ...opened, theirs: theirs.order }
}

test("a merchant sees its own callbacks without their bytes, and nobody else's", async () => {
  const { gateway, order, theirs } = await ofTwoMerchants()
  const mine = gateway.merchant.apiKey
  const { nodes, totalCount } = await notifications(gateway, mine)
  expect(outcomesOf(nodes)).toEqual(['REFUSED', 'APPLIED'])
  expect(totalCount).toBe(2)
  for (const node of nodes)
    expect(node).toMatchObject({ merchantId: 'acme', rawHeaders: null, rawBody: null })
  expect(nodes[1]).toMatchObject({ order: { id: order.id }, en: expect.any(String) })
  const nothing = { nodes: [], totalCount: 0 }
  for (const filter of [{ merchantId: 'brew' }, { orderId: theirs.id }]) {
    expect(await notifications(gateway, mine, { filter })).toMatchObject(nothing)
  }
  expect(await notifications(gateway, mine, { filter: { merchantId: 'acme' } })).toMatchObject({
    totalCount: 2,
  })
})

test('an operator sees the callbacks of all merchants, and of one', async () => {
  const { gateway, operatorKey } = await ofTwoMerchants()
  const { nodes } = await notifications(gateway, operatorKey)
  expect(nodes.map(({ merchantId }) => merchantId)).toEqual(['brew', 'brew', 'acme', 'acme'])
  const brew = await notifications(gateway, operatorKey, { filter: { merchantId: 'brew' } })
  expect(brew).toMatchObject({ nodes: nodes.slice(0, 2), totalCount: 2 })
})

test('a callback can be fetched by its id by whoever may see it', async () => {
  const { gateway, accessToken, operatorKey } = await ofTwoMerchants()
  const fetchAs = async (credential: string, id: string) => {
    const query = `query ($id: ID!) { node(id: $id) { __typename ... on Notification { ${NOTIFICATION_FIELDS} } } }`
    return (await graphql(gateway.url, credential, { query, variables: { id } })).data?.['node']
  }
  const { nodes } = await notifications(gateway, operatorKey)
  for (const node of nodes) {
    expect(await fetchAs(operatorKey, node.id)).toEqual({ __typename: 'Notification', ...node })
    const isMine = node.merchantId === 'acme'
    const shown = isMine ? { id: node.id, outcome: node.outcome, rawBody: null, rawHeaders: null } : null
    const seen = await fetchAs(gateway.merchant.apiKey, node.id)
    if (shown === null) expect(seen).toBeNull()
    else expect(seen).toMatchObject(shown)
    expect(await fetchAs(accessToken, node.id)).toBeNull()
  }
  for (const id of ['ntf_0123456789abcdef01234567', 'rej_0123456789abcdef01234567', 'ntf_', 'rej_x']) {
    expect(await fetchAs(operatorKey, id)).toBeNull()
  }
})

test('the list is for merchants and operators', async () => {
  const { gateway, accessToken } = await payable()
  for (const [credential, code] of [
    [accessToken, 'FORBIDDEN'],
    [undefined, 'UNAUTHENTICATED'],
  ] as const) {
    const { errors } = await graphql(gateway.url, credential, notificationsOperation({}))
    expect(errors).toMatchObject([{ extensions: { code } }])
  }
})

test.each([
  { first: 0 },
  { first: -1 },
  { first: 101 },
  { after: 'nonsense' },
  { after: Buffer.from('ord_0123456789abcdef01234567').toString('base64url') },
])('a page of %j is not to be had', async (question) => {
  const { gateway, operatorKey } = await payable()
  const { errors } = await graphql(gateway.url, operatorKey, notificationsOperation(question))
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
})
