import { expect, onTestFinished, test } from 'vitest'
import { freshDatabaseUri, lookInto } from '../support/database.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { graphql } from '../support/graphql.ts'
import { paidNotice, post } from '../support/notification.ts'
import { monitored, noteCommands } from './command-log.ts'
import { DOCUMENTS, fill, numberOf } from './many-documents.ts'

/** A gateway on ten thousand orders and as many notifications. Clients tell of their commands. */
async function filledGateway() {
  const databaseUri = monitored(freshDatabaseUri())
  const gateway = await openGateway({ databaseUri })
  const ids = await lookInto(databaseUri, fill)
  const name = await lookInto(databaseUri, async (database) => database.databaseName)
  return { gateway, name, ...ids }
}

function pay(gateway: TestGateway, outTradeNo: string) {
  return post(gateway, paidNotice(gateway, { outTradeNo, amount: { total: 100, currency: 'CNY' } }))
}

test('among ten thousand orders, notifications of an old, a new and an unknown one are answered 204, 204, 404', async () => {
  const { gateway } = await filledGateway()
  expect(await pay(gateway, numberOf(1))).toMatchObject({ status: 204 })
  expect(await pay(gateway, numberOf(DOCUMENTS - 9))).toMatchObject({ status: 204 })
  expect(await pay(gateway, 'T-nobody-knows')).toMatchObject({ status: 404 })
})

const LIST = `query ($filter: OrderFilter, $after: String) { orders(filter: $filter, first: 50, after: $after) {
  totalCount nodes { id } pageInfo { hasNextPage endCursor } } }`

interface Page {
  readonly totalCount: number
  readonly nodes: readonly { readonly id: string }[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

async function page(gateway: TestGateway, filter: object, after: string | null): Promise<Page> {
  const { data, errors } = await graphql<{ orders: Page }>(gateway.url, gateway.operatorKey, {
    query: LIST,
    variables: { filter, after },
  })
  expect(errors).toEqual([])
  if (!data) throw new Error('orders gave no data.')
  return data.orders
}

async function allPages(gateway: TestGateway, filter: object): Promise<readonly Page[]> {
  const pages: Page[] = []
  let after: string | null = null
  do {
    const next: Page = await page(gateway, filter, after)
    pages.push(next)
    after = next.pageInfo.hasNextPage ? next.pageInfo.endCursor : null
  } while (after !== null)
  return pages
}

/** Orders that were paid at the other platform. */
function move(databaseUri: string, ids: readonly string[]): Promise<unknown> {
  const facets = ['status:PAID', 'anomaly:false', 'platform:ALIPAY']
  return lookInto(databaseUri, (database) =>
    database
      .collection<{ _id: string }>('orders')
      .updateMany({ _id: { $in: [...ids] } }, { $set: { facets } }),
  )
}

test('a rare combination of filters is found page by page, each order once, however little a page finds', async () => {
  const { gateway, orders } = await filledGateway()
  const rare = [8004, 5004, 4, 5].map((index) => orders[index] ?? '')
  await move(gateway.databaseUri, rare)
  const pages = await allPages(gateway, { status: ['PAID'], platform: 'ALIPAY' })
  expect(pages.flatMap(({ nodes }) => nodes.map(({ id }) => id))).toEqual(rare.toSorted().toReversed())
  expect(pages.length).toBeGreaterThan(2)
  expect(pages[0]?.totalCount).toBe(4)
})

test('a list counts up to ten thousand', async () => {
  const { gateway } = await filledGateway()
  expect((await page(gateway, {}, null)).totalCount).toBe(10_000)
  expect((await page(gateway, { status: ['PENDING'], merchantId: 'acme' }, null)).totalCount).toBe(667)
})

test('the orders of a page of notifications are read in one query', async () => {
  const { gateway, name } = await filledGateway()
  const { noted, stop } = noteCommands(name)
  onTestFinished(stop)
  const query =
    '{ notifications(filter: { outcome: [APPLIED] }, first: 50) { nodes { order { id outTradeNo } } } }'
  const { data } = await graphql<{ notifications: { nodes: { order: object | null }[] } }>(
    gateway.url,
    gateway.operatorKey,
    { query },
  )
  expect(data?.notifications.nodes.filter(({ order }) => order !== null)).toHaveLength(50)
  expect(noted.filter(({ find }) => find === 'orders')).toHaveLength(1)
})

test('a list that is asked for nothing but its nodes counts nothing', async () => {
  const { gateway, name } = await filledGateway()
  const { noted, stop } = noteCommands(name)
  onTestFinished(stop)
  await graphql(gateway.url, gateway.operatorKey, { query: '{ orders(first: 5) { nodes { id } } }' })
  expect(noted.filter((command) => 'find' in command || 'aggregate' in command)).toHaveLength(1)
})
