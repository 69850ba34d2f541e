import { expect, test } from 'vitest'
import { graphql, graphqlOverWebsocket } from '../support/graphql.ts'
import { openGateway } from '../support/gateway.ts'
import { payableOrder } from '../support/orders.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { graphqlOverSse } from '../support/streams.ts'

const nested = (levels: number): string =>
  levels === 0 ? 'seq' : `events { order { ${nested(levels - 1)} } }`

const wide = (copies: number): string =>
  Array.from(
    { length: copies },
    (_copy, index) => `a${index}: order { id events { seq type order { seq status } } }`,
  ).join(' ')

test.each([
  ['goes round and round between an order and its events', `{ order { ${nested(6)} } }`, /depth/i],
  ['asks for the same thing under hundreds of names', `{ ${wide(250)} }`, /cost/i],
])('an operation that %s is refused, over HTTP, WebSocket and SSE', async (_what, query, why) => {
  const gateway = await openGateway()
  const { accessToken } = await payableOrder(gateway)
  const overHttp = await graphql(gateway.url, accessToken, { query })
  expect(overHttp.data).toBeUndefined()
  expect(overHttp.errors[0]?.message).toMatch(why)
  await expect(graphqlOverWebsocket(gateway.url, accessToken, { query })).rejects.toMatchObject([
    { message: expect.stringMatching(why) },
  ])
  const overSse = await graphqlOverSse(gateway.url, accessToken, { query })
  expect(overSse).toMatchObject({ data: undefined, errors: [{ message: expect.stringMatching(why) }] })
})

test.each([
  ['under several names', '{ a: __schema { types { name } } b: __schema { types { name } } }'],
  ['with several names inside', '{ __schema { a: types { name } b: types { name } } }'],
  ['hidden in a fragment', 'fragment F on __Schema { a: types { name } } { __schema { ...F } }'],
])(
  'introspection %s is refused: anybody may ask, and each name would cost the whole schema',
  async (_what, query) => {
    const gateway = await openGateway()
    const { data, errors } = await graphql(gateway.url, undefined, { query })
    expect(data).toBeUndefined()
    expect(errors[0]?.message).toMatch(/^Introspection is answered without aliases/)
  },
)

test('a document of more words than anybody needs is not even read', async () => {
  const gateway = await openGateway()
  const query = `{ ${'a '.repeat(6000)} }`
  const overHttp = await graphql(gateway.url, undefined, { query })
  expect(overHttp.errors[0]?.message).toMatch(/more that 5000 tokens/)
  await expect(graphqlOverWebsocket(gateway.url, undefined, { query })).rejects.toMatchObject([
    { message: expect.stringMatching(/tokens/) },
  ])
  const { errors } = await graphqlOverSse(gateway.url, undefined, { query })
  expect(errors[0]?.message).toMatch(/tokens/)
})

test('the order of an event gives its events, and theirs do not', async () => {
  const gateway = await openGateway()
  const { accessToken } = await payableOrder(gateway)
  const query = '{ order { events { order { events { order { events { seq } } } } } } }'
  const { errors } = await graphql(gateway.url, accessToken, { query })
  expect(errors[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } })
})

test('an event, its order and that order’s amount are not too deep, and introspection is free', async () => {
  const gateway = await openGateway()
  const { accessToken } = await payableOrder(gateway)
  const query = `{ order { id events { seq order { status amount { total } anomalies { kind } } } } }`
  expect((await graphql(gateway.url, accessToken, { query })).errors).toEqual([])
  const deep =
    '{ __schema { types { fields { type { ofType { ofType { ofType { ofType { name } } } } } } } } }'
  expect((await graphql(gateway.url, undefined, { query: deep })).errors).toEqual([])
})

test('a subscription over plain HTTP is told which doors stay open, and is no error of ours', async () => {
  const { log, lines } = recordedLog()
  const gateway = await openGateway({ log })
  const { order, accessToken } = await payableOrder(gateway)
  const query = `subscription { orderPaid(id: "${order.id}") { id } }`
  const { status, errors } = await graphql(gateway.url, accessToken, { query })
  expect(status).toBe(400)
  expect(errors).toMatchObject([
    { message: expect.stringContaining('/graphql/stream'), extensions: { code: 'BAD_REQUEST' } },
  ])
  expect(lines.filter(({ level }) => level === 'error')).toEqual([])
})
