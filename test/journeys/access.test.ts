import { makeExecutableSchema } from '@graphql-tools/schema'
import { decodeJwt, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { typeDefs } from '../../src/schema/index.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { graphql, graphqlOverWebsocket, type Operation, type Said } from '../support/graphql.ts'
import { orderInput, payableOrder, readOrder, type OrderView } from '../support/orders.ts'
import { START } from '../support/payments.ts'
import { graphqlOverSse } from '../support/streams.ts'

const HOUR_MS = 60 * 60 * 1000
const NO_ORDER = { id: 'ord_0123456789abcdef01234567', outTradeNo: 'NOBODYHASTHIS' }

type Named = Pick<OrderView, 'id' | 'outTradeNo'>

/** What one can ask about an order. */
const DOORS = {
  order: ({ id }: Named) => ({ query: 'query ($id: ID!) { order(id: $id) { id } }', variables: { id } }),
  orderByNumber: ({ outTradeNo }: Named) => ({
    query: 'query ($no: String!) { order(outTradeNo: $no) { outTradeNo } }',
    variables: { no: outTradeNo },
  }),
  node: ({ id }: Named) => ({ query: 'query ($id: ID!) { node(id: $id) { id } }', variables: { id } }),
  startPayment: ({ id }: Named) => ({ query: START, variables: { input: { orderId: id } } }),
  orders: () => ({ query: '{ orders { totalCount nodes { id } } }' }),
  createOrder: () => ({
    query: 'mutation ($input: CreateOrderInput!) { createOrder(input: $input) { __typename } }',
    variables: { input: orderInput() },
  }),
  notifications: () => ({ query: '{ notifications { totalCount nodes { id } } }' }),
  confirmPayment: ({ id }: Named) => ({
    query: 'mutation ($id: ID!) { confirmPayment(orderId: $id) { __typename } }',
    variables: { id },
  }),
  resolveAnomaly: ({ id }: Named) => ({
    query: `mutation ($id: ID!) {
      resolveAnomaly(orderId: $id, anomalyId: "none", resolution: "Looked at.") { __typename } }`,
    variables: { id },
  }),
  replayNotification: () => ({
    query: 'mutation { replayNotification(id: "ntf_0123456789abcdef01234567") { __typename } }',
  }),
  closeOrder: ({ id }: Named) => ({
    query: 'mutation ($id: ID!) { closeOrder(orderId: $id) { __typename } }',
    variables: { id },
  }),
  orderPaid: ({ id }: Named) => ({
    query: 'subscription ($id: ID!) { orderPaid(id: $id) { id } }',
    variables: { id },
  }),
  orderUpdated: ({ id }: Named) => ({
    query: 'subscription ($id: ID!) { orderUpdated(id: $id) { id } }',
    variables: { id },
  }),
  orderEvents: ({ id }: Named) => ({
    query: 'subscription ($id: ID!) { orderEvents(id: $id) { seq } }',
    variables: { id },
  }),
  operatorFeed: () => ({ query: 'subscription { operatorFeed { seq } }' }),
} as const satisfies Record<string, (order: Named) => Operation>

type Door = keyof typeof DOORS
type Ask = (url: string, credential: string | undefined, operation: Operation) => Promise<Said<object>>

/** The same question through every connection that takes it. */
async function askAll(
  gateway: TestGateway,
  credential: string | undefined,
  operation: Operation,
): Promise<readonly Said<object>[]> {
  const doors: readonly Ask[] = operation.query.startsWith('subscription')
    ? [graphqlOverWebsocket, graphqlOverSse]
    : [graphql, graphqlOverWebsocket, graphqlOverSse]
  const answers = await Promise.all(doors.map((ask) => ask(gateway.url, credential, operation)))
  return answers.map(({ data, errors }) => ({ data, errors }))
}

function codesOf(answers: readonly Said<object>[]): readonly (string | undefined)[] {
  return answers.flatMap(({ errors }) => errors.map(({ extensions }) => extensions?.code))
}

function expectCode(answers: readonly Said<object>[], code: string): void {
  expect(codesOf(answers)).toEqual(answers.map(() => code))
  for (const { data } of answers)
    expect(Object.values(data ?? {}).filter((value) => value !== null)).toEqual([])
}

interface Forgery {
  readonly secret?: Uint8Array
  readonly algorithm?: string
  readonly claims?: object
}

/** The token with something about it changed, signed again. */
function forged(gateway: TestGateway, token: string, change: Forgery): Promise<string> {
  const { secret = gateway.parts.tokenSecrets[0], algorithm: alg = 'HS256', claims } = change
  return new SignJWT({ ...decodeJwt(token), ...claims }).setProtectedHeader({ alg }).sign(secret)
}

function unsigned(token: string, signature: string): string {
  const header = Buffer.from('{"alg":"none"}').toString('base64url')
  return [header, token.split('.')[1], signature].join('.')
}

type Forge = (gateway: TestGateway, token: string) => string | undefined | Promise<string>

const UNKNOWN: readonly (readonly [string, Forge])[] = [
  ['no token', () => undefined],
  ['an empty token', () => ''],
  ['garbage', () => 'garbage'],
  ['a key that nobody has', ({ merchant }) => `${merchant.apiKey}0`],
  ['the hash of a key', ({ parts }) => parts.operators[0]?.sha256],
  [
    'an expired token',
    (gateway, token) => {
      gateway.advance(3 * HOUR_MS)
      return token
    },
  ],
  ['a token of another secret', (gateway, token) => forged(gateway, token, { secret: Buffer.alloc(32, 1) })],
  ['a token of another algorithm', (gateway, token) => forged(gateway, token, { algorithm: 'HS512' })],
  [
    'a token for another audience',
    (gateway, token) => forged(gateway, token, { claims: { aud: 'elsewhere' } }),
  ],
  ['a token that never expires', (gateway, token) => forged(gateway, token, { claims: { exp: undefined } })],
  ['a token without a signature', (_gateway, token) => unsigned(token, '')],
  ['a token of algorithm none', (_gateway, token) => unsigned(token, token.split('.')[2] ?? '')],
]

test.each(UNKNOWN)('with %s one is nobody at every door', async (_what, forge) => {
  const gateway = await openGateway()
  const { order, accessToken } = await payableOrder(gateway)
  const credential = await forge(gateway, accessToken)
  for (const door of Object.values(DOORS)) {
    expectCode(await askAll(gateway, credential, door(order)), 'UNAUTHENTICATED')
  }
  expect(await readOrder(gateway, order.id)).toEqual(order)
})

test('a token that is signed again without a change is a token', async () => {
  const gateway = await openGateway()
  const { order, accessToken } = await payableOrder(gateway)
  const resigned = await forged(gateway, accessToken, {})
  expect(await readOrder(gateway, order.id, resigned)).toEqual(order)
})

async function credentialsFor(gateway: TestGateway) {
  const mine = await payableOrder(gateway)
  const another = await payableOrder(gateway)
  return {
    order: mine.order,
    credentials: {
      token: mine.accessToken,
      "another order's token": another.accessToken,
      merchant: gateway.merchant.apiKey,
      'another merchant': gateway.otherMerchant.apiKey,
      operator: gateway.operatorKey,
    },
  }
}

type Who = keyof Awaited<ReturnType<typeof credentialsFor>>['credentials']

const OF_ONE_ORDER: readonly Door[] = [
  'order',
  'orderByNumber',
  'node',
  'confirmPayment',
  'orderPaid',
  'orderUpdated',
  'orderEvents',
]

const OF_ALL_ORDERS: readonly Door[] = ['orders', 'notifications', 'resolveAnomaly', 'closeOrder']

/** Who may call which root field; everything else is forbidden to them. */
const MAY_CALL: readonly (readonly [Who, readonly Door[]])[] = [
  ['token', [...OF_ONE_ORDER, 'startPayment']],
  ['merchant', [...OF_ONE_ORDER, 'startPayment', 'createOrder', ...OF_ALL_ORDERS]],
  ['operator', [...OF_ONE_ORDER, 'replayNotification', ...OF_ALL_ORDERS, 'operatorFeed']],
]

/** They say nothing before something happens; their own tests make it happen. */
const SILENT: ReadonlySet<Door> = new Set(['orderPaid', 'operatorFeed'])

const MAY_SEE = MAY_CALL.map(([who, doors]) => [who, doors.filter((door) => !SILENT.has(door))] as const)

test('the table of who may call what has every root field of the schema', () => {
  const schema = makeExecutableSchema({ typeDefs: [...typeDefs] })
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  const fields = roots.flatMap((root) => Object.keys(root?.getFields() ?? {}))
  expect(Object.keys(DOORS).filter((door) => door !== 'orderByNumber')).toEqual(
    expect.arrayContaining(fields),
  )
})

test.each(MAY_SEE)('the %s opens %j', async (who, doors) => {
  const gateway = await openGateway()
  const { order, credentials } = await credentialsFor(gateway)
  for (const door of doors) {
    const answers = await askAll(gateway, credentials[who], DOORS[door](order))
    expect(codesOf(answers)).toEqual([])
    for (const { data } of answers) expect(Object.values(data ?? {})).toEqual([expect.any(Object)])
  }
})

function askPayee(url: string, credential: string, id: string) {
  const query = 'query ($id: ID!) { order(id: $id) { merchant { id name } } }'
  return graphql(url, credential, { query, variables: { id } })
}

test.each(['token', 'merchant', 'operator'] as const)('the %s is told whom the order pays', async (who) => {
  const gateway = await openGateway()
  const { order, credentials } = await credentialsFor(gateway)
  const { data } = await askPayee(gateway.url, credentials[who], order.id)
  expect(data).toEqual({ order: { merchant: { id: 'acme', name: 'Merchant acme' } } })
})

test('a merchant who is not configured any more has no name', async () => {
  const gateway = await openGateway()
  const { order } = await payableOrder(gateway)
  const { databaseUri, parts } = gateway
  const later = await openGateway({ databaseUri, merchants: parts.merchants.slice(1) })
  const { data } = await askPayee(later.url, later.operatorKey, order.id)
  expect(data).toEqual({ order: { merchant: { id: 'acme', name: null } } })
})

const ALL = Object.keys(DOORS) as readonly Door[]

const MAY_NOT = MAY_CALL.map(([who, doors]) => [who, ALL.filter((door) => !doors.includes(door))] as const)

test.each(MAY_NOT)('the %s is known, and may not open %j', async (who, doors) => {
  const gateway = await openGateway()
  const { order, credentials } = await credentialsFor(gateway)
  for (const door of doors) {
    expectCode(await askAll(gateway, credentials[who], DOORS[door](order)), 'FORBIDDEN')
    expectCode(await askAll(gateway, credentials[who], DOORS[door](NO_ORDER)), 'FORBIDDEN')
  }
})

const NOTHING: readonly (readonly [Door, object])[] = [
  ['order', { data: { order: null }, errors: [] }],
  ['orderByNumber', { data: { order: null }, errors: [] }],
  ['node', { data: { node: null }, errors: [] }],
  ['startPayment', { data: { startPayment: { __typename: 'NotFound' } }, errors: [] }],
  ['orderPaid', { errors: [{ extensions: { code: 'NOT_FOUND' } }] }],
  ['orderUpdated', { errors: [{ extensions: { code: 'NOT_FOUND' } }] }],
]

test.each(["another order's token", 'another merchant'] as const)(
  'for %s an order looks exactly like none',
  async (who) => {
    const gateway = await openGateway()
    const { order, credentials } = await credentialsFor(gateway)
    for (const [name, nothing] of NOTHING) {
      const door = DOORS[name]
      const hidden = await askAll(gateway, credentials[who], door(order))
      const absent = await askAll(gateway, credentials[who], door(NO_ORDER))
      for (const answer of hidden) expect(answer).toMatchObject(nothing)
      const text = JSON.stringify(hidden).replaceAll(order.id, NO_ORDER.id)
      expect(text.replaceAll(order.outTradeNo, NO_ORDER.outTradeNo)).toBe(JSON.stringify(absent))
    }
    expect(await readOrder(gateway, order.id)).toEqual(order)
  },
)

test('a token needs no argument to name its order, and no argument makes it name another', async () => {
  const gateway = await openGateway()
  const { order, accessToken } = await payableOrder(gateway)
  const { order: other } = await payableOrder(gateway)
  const ask = async (query: string, credential = accessToken) => graphql(gateway.url, credential, { query })
  expect((await ask('{ order { id } }')).data).toEqual({ order: { id: order.id } })
  const mixed = `{ order(id: "${order.id}", outTradeNo: "${other.outTradeNo}") { id } }`
  expect((await ask(mixed)).data).toEqual({ order: null })
  expectCode([await ask('{ order { id } }', gateway.merchant.apiKey)], 'BAD_USER_INPUT')
})
