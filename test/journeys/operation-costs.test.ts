import { EventEmitter, once } from 'node:events'
import { expect, test } from 'vitest'
import { databaseAt, freshDatabaseUri } from '../support/database.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { graphql, type Operation } from '../support/graphql.ts'
import { createdOrder, ORDER_FIELDS } from '../support/orders.ts'
import { firstResult, openSse, rawSocket, type Message } from '../support/streams.ts'

const CODE = /"code":"(\w+)"/

async function overHttp({ url }: TestGateway, credential: string, operation: Operation) {
  return JSON.stringify(await graphql(url, credential, operation))
}

async function overSse(gateway: TestGateway, credential: string, operation: Operation) {
  const response = await openSse(gateway, credential, operation)
  return JSON.stringify(response.status === 200 ? await firstResult(response) : await response.json())
}

async function overWebsocket(gateway: TestGateway, credential: string, { query, variables }: Operation) {
  const socket = await rawSocket(gateway, credential)
  socket.subscribe('1', query, variables)
  const answer = (): Message | undefined => socket.heard.find(({ id }) => id === '1')
  await expect.poll(answer).toBeDefined()
  return JSON.stringify(answer())
}

const EACH = [
  ['HTTP', overHttp],
  ['SSE', overSse],
  ['WebSocket', overWebsocket],
] as const

const ORDER = { query: '{ order { id } }' }

/** What `ORDER` costs. */
const ORDER_COST = 52

test.each(EACH)('over %s the tokens of one order may cause so much, and others go on', async (_name, ask) => {
  const gateway = await openGateway({
    operationLimits: { costSavedUp: 200 + 2 * ORDER_COST, costPerSecond: 0.001 },
  })
  const { accessToken } = await createdOrder(gateway)
  const answers: string[] = []
  for (let count = 0; count < 4; count += 1) answers.push(await ask(gateway, accessToken, ORDER))
  expect(answers.map((answer) => CODE.exec(answer)?.[1])).toEqual([
    undefined,
    undefined,
    'TOO_MANY_REQUESTS',
    'TOO_MANY_REQUESTS',
  ])
  const { accessToken: another } = await createdOrder(gateway)
  expect(await ask(gateway, another, ORDER)).not.toMatch(CODE)
})

test('what is caused over one transport is missing over the others, the long poll included', async () => {
  const gateway = await openGateway({ operationLimits: { costSavedUp: 200 + ORDER_COST, costPerSecond: 1 } })
  const { order, accessToken } = await createdOrder(gateway)
  expect(await overHttp(gateway, accessToken, ORDER)).not.toMatch(CODE)
  for (const [, ask] of EACH) expect(await ask(gateway, accessToken, ORDER)).toContain('TOO_MANY_REQUESTS')
  const poll = await fetch(`${gateway.url}/orders/${order.id}/events`, {
    headers: { authorization: `Bearer ${accessToken}` },
  })
  expect(poll.status).toBe(429)
  expect(Number(poll.headers.get('retry-after'))).toBeGreaterThan(10)
  const over = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(ORDER),
  })
  expect(over.status).toBe(429)
  expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(10)
})

test.each(EACH)(
  'over %s an operation that costs more than one may is refused, also by its variables',
  async (_name, ask) => {
    const gateway = await openGateway()
    const query = `query ($first: Int) { orders(first: $first) { nodes { ${ORDER_FIELDS} metadata merchant { name } } } ${Array.from(
      { length: 6 },
      (_, index) =>
        `a${index}: orders(first: $first) { totalCount nodes { events { seq order { status } } } }`,
    ).join(' ')} }`
    const { apiKey } = gateway.merchant
    expect(await ask(gateway, apiKey, { query, variables: { first: 2 } })).not.toMatch(CODE)
    const refused = await ask(gateway, apiKey, { query, variables: { first: 100 } })
    expect(CODE.exec(refused)?.[1]).toBe('GRAPHQL_VALIDATION_FAILED')
    expect(refused).toMatch(/The operation has a cost of \d+; 20000 is allowed/)
  },
)

/** A gateway that counts how many lists and counts its database is asked for at once. */
async function countingLists() {
  const databaseUri = freshDatabaseUri()
  const database = await databaseAt(databaseUri)
  const now = { underWay: 0, most: 0 }
  const counted =
    <A extends readonly unknown[], R>(read: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      now.underWay += 1
      now.most = Math.max(now.most, now.underWay)
      return read(...given).finally(() => {
        now.underWay -= 1
      })
    }
  const orders = Object.create(database.orders, {
    list: { value: counted(database.orders.list) },
    count: { value: counted(database.orders.count) },
  }) as typeof database.orders
  return { gateway: await openGateway({ databaseUri, database: { ...database, orders } }), now }
}

test('a key has few lists and counts read at once, over all transports; the rest waits and is answered', async () => {
  const { gateway, now } = await countingLists()
  const list = { query: '{ orders { totalCount } }' }
  const { apiKey } = gateway.merchant
  const socket = await rawSocket(gateway, apiKey)
  for (let id = 1; id <= 20; id += 1) socket.subscribe(String(id), list.query)
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? overHttp : overSse)(gateway, apiKey, list)),
  )
  for (const answer of answers) expect(answer).toContain('"totalCount":0')
  await expect.poll(() => socket.heard.filter(({ type }) => type === 'next')).toHaveLength(20)
  expect(now.most).toBeLessThanOrEqual(4)
})

test('of one token more than may wait is refused at once, and what waits is answered', async () => {
  const databaseUri = freshDatabaseUri()
  const database = await databaseAt(databaseUri)
  const gate = new EventEmitter()
  const opened = once(gate, 'open')
  const byId: typeof database.orders.byId = async (id) => {
    await opened
    return database.orders.byId(id)
  }
  const orders = Object.create(database.orders, { byId: { value: byId } }) as typeof database.orders
  const gateway = await openGateway({
    databaseUri,
    database: { ...database, orders },
    operationLimits: { readsPerToken: 1, waitingPerToken: 5 },
  })
  const { accessToken } = await createdOrder(gateway)
  const refused: string[] = []
  const answers = Promise.all(
    Array.from({ length: 10 }, async () => {
      const answer = await overHttp(gateway, accessToken, ORDER)
      if (CODE.test(answer)) refused.push(answer)
      return answer
    }),
  )
  await expect.poll(() => refused.length).toBe(4)
  gate.emit('open')
  expect((await answers).filter((answer) => !CODE.test(answer))).toHaveLength(6)
  expect(refused[0]).toContain('TOO_MANY_REQUESTS')
})

test('a backend that creates hundreds of orders at once is not kept from it', async () => {
  const gateway = await openGateway()
  const orders = await Promise.all(Array.from({ length: 300 }, () => createdOrder(gateway)))
  expect(new Set(orders.map(({ order }) => order.id)).size).toBe(300)
})
