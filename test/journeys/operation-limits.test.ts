import { expect, test } from 'vitest'
import { graphql, graphqlOverWebsocket } from '../support/graphql.ts'
import { openGateway } from '../support/gateway.ts'
import { payableOrder } from '../support/orders.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { graphqlOverSse } from '../support/streams.ts'

const nested = (levels: number): string =>
  levels === 0 ? 'seq' : `events { order { ${nested(levels - 1)} } }`

const named = (copies: number, field: string): string =>
  Array.from({ length: copies }, (_copy, index) => `a${index}: ${field}`).join(' ')

const times = (copies: number, field: string): string => `${field} `.repeat(copies)

/** Each fragment spreads the next one ten times: written out, there are 10^8 fields. */
const BOMB = `{ order { ...F0 } } ${Array.from(
  { length: 8 },
  (_fragment, index) => `fragment F${index} on Order { ${times(10, `...F${index + 1}`)} }`,
).join(' ')} fragment F8 on Order { id }`

const CYCLE = '{ order { ...A } } fragment A on Order { ...B } fragment B on Order { id ...A }'

test.each([
  ['goes round and round between an order and its events', `{ order { ${nested(6)} } }`, /depth/i],
  ['asks for the same thing under eleven names', `{ ${named(11, 'order { id }')} }`, /11 root fields; 10 /],
  ['asks for the same thing eleven times', `{ ${times(11, 'order { id }')} }`, /11 root fields; 10 /],
  [
    'asks for the same thing in fragments of fragments',
    `{ ...A ...A ...A } fragment A on Query { ${times(4, '...B')} } fragment B on Query { order { id } }`,
    /12 root fields; 10 /,
  ],
  ['asks for 700 things', `{ ${named(700, 'order { id }')} }`, /500 tokens/],
  ['asks for one thing 1245 times', `{ ${times(1245, 'order{id}')} }`, /500 tokens/],
  [
    'has a text of 16 385 characters',
    `{ order { id } }${' '.repeat(16_369)}`,
    /16385 characters; at most 16384/,
  ],
  [
    'has a literal of 2400 levels',
    `{ order(id: ${'['.repeat(2400)}${']'.repeat(2400)}) { id } }`,
    /500 tokens/,
  ],
  ['spreads fragments of fragments of fragments', BOMB, /cost of \d{9,}; 20000 is allowed/],
  [
    'counts more than it may',
    `{ orders(first: 100) { nodes { ${times(40, 'events { seq }')} } } }`,
    /cost of /,
  ],
  ['has a fragment that spreads itself', CYCLE, /Cannot spread fragment "A" within itself/],
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
  const query = `{ ${'a '.repeat(500)} }`
  const overHttp = await graphql(gateway.url, undefined, { query })
  expect(overHttp.errors[0]?.message).toMatch(/more that 500 tokens/)
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

test.each([
  ['fields of the fields of types', '{ __schema { types { fields { type { fields { name } } } } } }'],
  ['fields of possible types', '{ __schema { types { possibleTypes { fields { name } } } } }'],
  [
    'interfaces of input fields, in a fragment',
    '{ __schema { types { inputFields { type { ...T } } } } } fragment T on __Type { interfaces { name } }',
  ],
])('introspection of %s is refused: each level would multiply the answer', async (_what, query) => {
  const gateway = await openGateway()
  const answer = await graphql(gateway.url, undefined, { query })
  expect(answer).toMatchObject({
    status: 400,
    errors: [
      {
        message:
          'Introspection is answered without fields, inputFields, interfaces, possibleTypes in one another.',
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
      },
    ],
  })
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
