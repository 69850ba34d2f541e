import { makeExecutableSchema } from '@graphql-tools/schema'
import { getOperationAST, parse, validate } from 'graphql'
import { expect, test } from 'vitest'
import { typeDefs } from '../../schema/index.ts'
import { DEFAULT_OPERATION_LIMITS } from '../../operations/operation-limits.ts'
import { costOf } from './cost.ts'

const schema = makeExecutableSchema({ typeDefs: [...typeDefs] })

function cost(query: string, variables: Readonly<Record<string, unknown>> = {}) {
  const document = parse(query)
  const operation = getOperationAST(document)
  if (!operation) throw new Error('There is no operation.')
  return costOf({ schema, document }, operation, variables)
}

test.each([
  ['one order', '{ order { id seq } }', { cost: 50 + 3, fields: 1, lists: 0 }],
  ['what is in it', '{ order { amount { total } } }', { cost: 50 + 3, fields: 1, lists: 0 }],
  [
    'a list in it, of an assumed size',
    '{ order { events { seq } } }',
    { cost: 50 + 1 + 5 * 2, fields: 1, lists: 0 },
  ],
  [
    'a list in a list',
    '{ order { events { order { attempts { appId } } } } }',
    { cost: 50 + 1 + 5 * (2 + 10), fields: 1, lists: 0 },
  ],
  [
    'a page, each item of which is read',
    '{ orders(first: 7) { nodes { id } } }',
    { cost: 100 + 7 * 12, fields: 1, lists: 1 },
  ],
  [
    'a page with edges',
    '{ orders(first: 7) { edges { node { id } } } }',
    { cost: 100 + 7 * 13, fields: 1, lists: 1 },
  ],
  ['a page of the usual size', '{ orders { nodes { id } } }', { cost: 100 + 20 * 12, fields: 1, lists: 1 }],
  [
    'a page of no size',
    '{ orders(first: null) { nodes { id } } }',
    { cost: 100 + 20 * 12, fields: 1, lists: 1 },
  ],
  [
    'a page that is larger than allowed',
    '{ orders(first: 1000) { nodes { id } } }',
    { cost: 100 + 100 * 12, fields: 1, lists: 1 },
  ],
  [
    'a page that is smaller than nothing',
    '{ orders(first: -5) { nodes { id } } }',
    { cost: 100 + 100 * 12, fields: 1, lists: 1 },
  ],
  ['a count', '{ orders { totalCount } }', { cost: 100 + 200, fields: 1, lists: 2 }],
  [
    'the orders of notifications, which are read one by one',
    '{ notifications(first: 1) { nodes { order { id } } } }',
    { cost: 100 + 11 + 12, fields: 1, lists: 1 },
  ],
  ['two names for one field', '{ a: order { id } b: order { id } }', { cost: 2 * 52, fields: 2, lists: 0 }],
  [
    '__typename, which is free under its own name only',
    '{ __typename order { __typename id amount { __typename } a: __typename b: __typename } }',
    { cost: 50 + 5, fields: 1, lists: 0 },
  ],
  [
    'a mutation',
    'mutation { confirmPayment(orderId: "1") { __typename } }',
    { cost: 100 + 1, fields: 1, lists: 0 },
  ],
  [
    'a fragment, wherever it is spread',
    '{ a: order { ...F } ...G } fragment F on Order { id } fragment G on Query { order { ...F ...F } }',
    { cost: 2 * 50 + 2 + 3, fields: 2, lists: 0 },
  ],
])('the cost of %s', (_what, query, expected) => {
  expect(cost(query)).toEqual(expected)
})

test('the size of a page may be in a variable', () => {
  const query = 'query ($first: Int) { orders(first: $first) { nodes { id } } }'
  expect(cost(query, { first: 3 }).cost).toBe(100 + 3 * 12)
  expect(cost(query).cost).toBe(100 + 20 * 12)
})

test('the time is linear in the length, however often fragments are spread', () => {
  const fragments = Array.from(
    { length: 40 },
    (_, n) => `fragment F${n} on Order { ...F${n + 1} ...F${n + 1} }`,
  )
  const query = `{ order { ...F0 } } ${fragments.join(' ')} fragment F40 on Order { id }`
  expect(cost(query).cost).toBe(50 + 1 + 2 ** 40)
})

/** All fields, with `__typename` everywhere, as generated documents ask for them. */
const ORDER = `__typename id merchant { __typename id name } outTradeNo description amount { __typename total currency } status
  closeReason platform platformState transactionId payerTotal refundState amountRefunded
  attempts { __typename platformTradeNo platform appId createdAt }
  anomalies { __typename id kind detail detectedAt resolvedAt resolution }
  seq metadata createdAt updatedAt expiresAt paidAt closedAt
  events { __typename orderId seq type source occurredAt recordedAt }`

const PAGE = 'totalCount pageInfo { __typename hasNextPage hasPreviousPage startCursor endCursor }'

test.each([
  ['orders', `{ orders(first: 100) { __typename nodes { ${ORDER} } ${PAGE} } }`],
  [
    'orders as edges',
    `{ orders(first: 100) { __typename edges { __typename cursor node { ${ORDER} } } ${PAGE} } }`,
  ],
  [
    'notifications with their orders',
    `{ notifications(first: 100) { __typename nodes {
      __typename id platform merchantId platformNotificationId eventType verdict outcome explanation order { ${ORDER} }
      attempts firstReceivedAt lastReceivedAt rawHeaders rawBody
    } ${PAGE} } }`,
  ],
])('the largest page of %s may be asked for with all fields', (_what, query) => {
  expect(validate(schema, parse(query))).toEqual([])
  expect(cost(query).cost).toBeLessThanOrEqual(DEFAULT_OPERATION_LIMITS.cost)
})
