import { expect, test } from 'vitest'
import { anomaliesOf, resolveAnomaly } from '../support/anomalies.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { graphql } from '../support/graphql.ts'
import { paidNotice, post } from '../support/notification.ts'
import { createdOrder, payableOrder, type OrderView } from '../support/orders.ts'
import { payer, startPayment } from '../support/payments.ts'

const HOUR_MS = 60 * 60 * 1000

const LIST = `query ($filter: OrderFilter, $first: Int, $after: String) {
  orders(filter: $filter, first: $first, after: $after) {
    totalCount
    nodes { id }
    edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  } }`

interface Page {
  readonly totalCount: number
  readonly nodes: readonly { readonly id: string }[]
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[]
  readonly pageInfo: {
    readonly hasNextPage: boolean
    readonly hasPreviousPage: boolean
    readonly startCursor: string | null
    readonly endCursor: string | null
  }
}

interface Wanted {
  readonly filter?: object | null
  readonly first?: number | null
  readonly after?: string | null
}

async function list(
  gateway: TestGateway,
  variables: Wanted,
  credential = gateway.merchant.apiKey,
): Promise<Page> {
  const { data, errors } = await graphql<{ orders: Page }>(gateway.url, credential, {
    query: LIST,
    variables,
  })
  expect(errors).toEqual([])
  if (!data) throw new Error('orders gave no data.')
  return data.orders
}

function idsOf(orders: readonly { readonly id: string }[]): readonly string[] {
  return orders.map(({ id }) => id)
}

/** So many orders of the first merchant, newest first. */
async function manyOrders(gateway: TestGateway, count: number): Promise<readonly OrderView[]> {
  const orders: OrderView[] = []
  for (let made = 0; made < count; made += 1) orders.unshift((await createdOrder(gateway)).order)
  return orders
}

async function allPages(gateway: TestGateway, wanted: Wanted, credential?: string): Promise<readonly Page[]> {
  const pages = [await list(gateway, wanted, credential)]
  for (let last = pages[0]; last?.pageInfo.hasNextPage === true; last = pages.at(-1)) {
    pages.push(await list(gateway, { ...wanted, after: last.pageInfo.endCursor }, credential))
  }
  return pages
}

test('the pages show every order once, newest first', async () => {
  const gateway = await openGateway()
  const orders = await manyOrders(gateway, 8)
  const pages = await allPages(gateway, { first: 3 })
  expect(pages.map(({ nodes }) => nodes.length)).toEqual([3, 3, 2])
  expect(pages.flatMap(({ nodes }) => idsOf(nodes))).toEqual(idsOf(orders))
  expect(pages.map(({ totalCount }) => totalCount)).toEqual([8, 8, 8])
  expect(pages.map(({ pageInfo }) => [pageInfo.hasPreviousPage, pageInfo.hasNextPage])).toEqual([
    [false, true],
    [true, true],
    [true, false],
  ])
  for (const { nodes, edges, pageInfo } of pages) {
    expect(edges.map(({ node }) => node)).toEqual(nodes)
    expect(pageInfo).toMatchObject({ startCursor: edges[0]?.cursor, endCursor: edges.at(-1)?.cursor })
  }
})

test('a page that is just full is the last one', async () => {
  const gateway = await openGateway()
  await manyOrders(gateway, 4)
  expect((await allPages(gateway, { first: 2 })).map(({ nodes }) => nodes.length)).toEqual([2, 2])
})

test('what is created meanwhile shifts no page', async () => {
  const gateway = await openGateway()
  const orders = await manyOrders(gateway, 4)
  const { pageInfo } = await list(gateway, { first: 2 })
  await manyOrders(gateway, 3)
  const next = await list(gateway, { first: 2, after: pageInfo.endCursor })
  expect(idsOf(next.nodes)).toEqual(idsOf(orders.slice(2)))
})

test('without a wish there are twenty to a page, and a hundred at most', async () => {
  const gateway = await openGateway()
  await manyOrders(gateway, 21)
  for (const wanted of [{}, { first: null, after: null, filter: null }]) {
    expect((await list(gateway, wanted)).nodes).toHaveLength(20)
  }
  expect((await list(gateway, { first: 100 })).nodes).toHaveLength(21)
})

test('where there are no orders, the list is empty', async () => {
  const gateway = await openGateway()
  const pageInfo = { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null }
  expect(await list(gateway, {})).toEqual({ totalCount: 0, nodes: [], edges: [], pageInfo })
})

test.each([
  ['first 0', { first: 0 }],
  ['first -1', { first: -1 }],
  ['first 101', { first: 101 }],
  ['an empty cursor', { after: '' }],
  ['a cursor of nobody', { after: 'nonsense' }],
  ['an id for a cursor', { after: 'ord_0123456789abcdef01234567' }],
  ['an operator for a cursor', { after: Buffer.from('{"$gt":""}').toString('base64url') }],
])('%s is a mistake of the caller', async (_what, variables) => {
  const { url, merchant } = await openGateway()
  const { errors } = await graphql(url, merchant.apiKey, { query: LIST, variables })
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
})

/** One order in each state that there is to tell apart, an hour from one to the next. */
async function variedOrders(gateway: TestGateway) {
  const expiresAt = new Date(Date.now() + 48 * HOUR_MS).toISOString()
  const { order: created } = await createdOrder(gateway, { expiresAt })
  gateway.advanceAll(HOUR_MS)
  const { order: pending } = await payableOrder(gateway, { expiresAt })
  gateway.advanceAll(HOUR_MS)
  const { order: paid } = await payableOrder(gateway, { expiresAt })
  await post(gateway, paidNotice(gateway, paid))
  gateway.advanceAll(HOUR_MS)
  const { order: doubtful } = await createdOrder(gateway, { expiresAt })
  await post(gateway, paidNotice(gateway, doubtful, { payment: { mchid: '1900000999' } }))
  const settled = await settledOrder(gateway, expiresAt)
  return { created, pending, paid, doubtful, settled }
}

/** Two payments with another amount, and one to another payee; all three anomalies are resolved. */
async function settledOrder(gateway: TestGateway, expiresAt: string): Promise<OrderView> {
  const { order } = await createdOrder(gateway, { expiresAt })
  for (const payment of [
    { amount: { total: 1, payer_total: 1, currency: 'CNY', payer_currency: 'CNY' } },
    { amount: { total: 2, payer_total: 2, currency: 'CNY', payer_currency: 'CNY' } },
    { mchid: '1900000999' },
  ])
    await post(gateway, paidNotice(gateway, order, { payment }))
  const anomalies = await anomaliesOf(gateway, order, gateway.merchant.apiKey)
  expect(anomalies.map(({ kind }) => kind)).toEqual([
    'AMOUNT_MISMATCH',
    'AMOUNT_MISMATCH',
    'MERCHANT_MISMATCH',
  ])
  for (const { id } of anomalies) await settle(gateway, order, id)
  return order
}

async function settle(gateway: TestGateway, { id: orderId }: OrderView, anomalyId: string): Promise<void> {
  const resolving = { orderId, anomalyId, resolution: 'Looked at.' }
  const { data } = await resolveAnomaly(gateway, resolving, gateway.merchant.apiKey)
  expect(data?.resolveAnomaly).toMatchObject({ __typename: 'OrderSuccess' })
}

type Name = keyof Awaited<ReturnType<typeof variedOrders>>

async function createdAt(gateway: TestGateway, { id }: OrderView): Promise<string> {
  const query = 'query ($id: ID!) { order(id: $id) { createdAt } }'
  const { data } = await graphql<{ order: { createdAt: string } }>(gateway.url, gateway.merchant.apiKey, {
    query,
    variables: { id },
  })
  return data?.order.createdAt ?? ''
}

test('every filter shows what it says, and counts it', async () => {
  const gateway = await openGateway()
  const orders = await variedOrders(gateway)
  const since = await createdAt(gateway, orders.pending)
  const until = await createdAt(gateway, orders.doubtful)
  const ALL: readonly Name[] = ['settled', 'doubtful', 'paid', 'pending', 'created']
  const expectations: readonly (readonly [object, readonly Name[]])[] = [
    [{}, ALL],
    [{ status: ['PAID'] }, ['paid']],
    [{ status: ['CREATED'] }, ['settled', 'doubtful', 'created']],
    [{ status: ['PENDING', 'PAID', 'CLOSED'] }, ['paid', 'pending']],
    [{ status: ['CLOSED'] }, []],
    [{ status: [] }, []],
    [{ status: null, platform: null, createdFrom: null, hasAnomaly: null }, ALL],
    [{ hasOpenAnomaly: null, anomalyKind: null }, ALL],
    [{ platform: 'WECHATPAY' }, ['paid', 'pending']],
    [{ platform: 'ALIPAY' }, []],
    [{ hasAnomaly: true }, ['settled', 'doubtful']],
    [{ hasAnomaly: false }, ['paid', 'pending', 'created']],
    [{ hasOpenAnomaly: true }, ['doubtful']],
    [{ hasOpenAnomaly: false }, ['settled', 'paid', 'pending', 'created']],
    [{ hasAnomaly: true, hasOpenAnomaly: true }, ['doubtful']],
    [{ hasAnomaly: true, hasOpenAnomaly: false }, ['settled']],
    [{ hasAnomaly: false, hasOpenAnomaly: false }, ['paid', 'pending', 'created']],
    [{ hasAnomaly: false, hasOpenAnomaly: true }, []],
    [{ anomalyKind: ['MERCHANT_MISMATCH'] }, ['settled', 'doubtful']],
    [{ anomalyKind: ['AMOUNT_MISMATCH', 'AMOUNT_MISMATCH'] }, ['settled']],
    [{ anomalyKind: ['AMOUNT_MISMATCH', 'MERCHANT_MISMATCH'] }, ['settled', 'doubtful']],
    [{ anomalyKind: ['DUPLICATE_PAYMENT', 'TRANSACTION_REUSED'] }, []],
    [{ anomalyKind: [] }, []],
    [{ anomalyKind: ['MERCHANT_MISMATCH'], hasOpenAnomaly: true }, ['doubtful']],
    [{ anomalyKind: ['MERCHANT_MISMATCH'], hasOpenAnomaly: false }, ['settled']],
    [{ anomalyKind: ['MERCHANT_MISMATCH'], hasAnomaly: true }, ['settled', 'doubtful']],
    [{ anomalyKind: ['MERCHANT_MISMATCH'], hasAnomaly: false }, []],
    [
      { anomalyKind: ['MERCHANT_MISMATCH'], status: ['CREATED'], merchantId: 'acme' },
      ['settled', 'doubtful'],
    ],
    [{ hasOpenAnomaly: true, status: ['PAID'] }, []],
    [{ hasOpenAnomaly: true, createdTo: until }, []],
    [{ createdFrom: since }, ['settled', 'doubtful', 'paid', 'pending']],
    [{ createdTo: since }, ['created']],
    [{ createdFrom: since, createdTo: until }, ['paid', 'pending']],
    [{ createdFrom: since, createdTo: until, status: ['PAID'] }, ['paid']],
    [{ createdFrom: until, createdTo: since }, []],
    [{ merchantId: 'acme' }, ALL],
    [{ merchantId: 'brew' }, []],
    [{ merchantId: 'nobody' }, []],
  ]
  for (const [filter, names] of expectations) {
    const { nodes, totalCount } = await list(gateway, { filter })
    expect([filter, idsOf(nodes), totalCount]).toEqual([
      filter,
      names.map((name) => orders[name].id),
      names.length,
    ])
  }
})

test('an order is among those with an open anomaly until the last of its anomalies is resolved', async () => {
  const gateway = await openGateway()
  const { order } = await createdOrder(gateway)
  const paid = (payment: object) => post(gateway, paidNotice(gateway, order, { payment }))
  await paid({ mchid: '1900000999' })
  await paid({ appid: 'wxanother' })
  const open = async () => idsOf((await list(gateway, { filter: { hasOpenAnomaly: true } })).nodes)
  const anomalies = await anomaliesOf(gateway, order, gateway.merchant.apiKey)
  expect(anomalies).toHaveLength(2)
  for (const { id } of anomalies) {
    expect(await open()).toEqual([order.id])
    await settle(gateway, order, id)
  }
  expect(await open()).toEqual([])
  await paid({ mchid: '1900000999' })
  expect(await open()).toEqual([order.id])
})

test('a filter goes on over pages', async () => {
  const gateway = await openGateway()
  const orders = await manyOrders(gateway, 6)
  const started = orders.filter((_order, index) => index % 2 === 0)
  for (const { id } of started) await startPayment(gateway, { orderId: id, payment: payer('o-payer-1') })
  const pages = await allPages(gateway, { first: 1, filter: { status: ['PENDING'] } })
  expect(pages.flatMap(({ nodes }) => idsOf(nodes))).toEqual(idsOf(started))
  expect(pages.map(({ totalCount }) => totalCount)).toEqual([3, 3, 3])
})

test('a merchant sees its own orders, and an operator sees all or one merchant’s', async () => {
  const gateway = await openGateway()
  const { otherMerchant, operatorKey } = gateway
  const { order: ours } = await createdOrder(gateway)
  const { order: theirs } = await payableOrder(gateway, {}, otherMerchant.apiKey)
  const seenBy = async (credential: string, filter = {}) =>
    idsOf((await list(gateway, { filter }, credential)).nodes)
  expect(await seenBy(gateway.merchant.apiKey)).toEqual([ours.id])
  expect(await seenBy(otherMerchant.apiKey)).toEqual([theirs.id])
  expect(await seenBy(operatorKey)).toEqual([theirs.id, ours.id])
  expect(await seenBy(operatorKey, { merchantId: 'acme' })).toEqual([ours.id])
  expect(await seenBy(operatorKey, { merchantId: 'nobody' })).toEqual([])
  expect(await allPages(gateway, { first: 1 }, operatorKey)).toHaveLength(2)
})

const BY_NUMBER = `query ($outTradeNo: String!, $merchantId: String) {
  order(outTradeNo: $outTradeNo, merchantId: $merchantId) { id } }`

test('a number that two merchants use is ambiguous to an operator, until the merchant is named', async () => {
  const gateway = await openGateway()
  const { order: ours } = await createdOrder(gateway)
  const { outTradeNo } = ours
  const { order: theirs } = await payableOrder(gateway, { outTradeNo }, gateway.otherMerchant.apiKey)
  const find = (credential: string, merchantId?: string) =>
    graphql<{ order: { id: string } | null }>(gateway.url, credential, {
      query: BY_NUMBER,
      variables: { outTradeNo, merchantId },
    })
  const { operatorKey, merchant, otherMerchant } = gateway
  expect((await find(operatorKey)).errors).toMatchObject([
    {
      message: `Several merchants have an order ${outTradeNo}; say which with merchantId.`,
      extensions: { code: 'AMBIGUOUS' },
    },
  ])
  expect((await find(operatorKey, 'acme')).data).toEqual({ order: { id: ours.id } })
  expect((await find(operatorKey, 'brew')).data).toEqual({ order: { id: theirs.id } })
  expect((await find(otherMerchant.apiKey)).data).toEqual({ order: { id: theirs.id } })
  expect((await find(merchant.apiKey, 'brew')).data).toEqual({ order: null })
})
