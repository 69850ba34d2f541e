import { makeExecutableSchema } from '@graphql-tools/schema'
import { expect, test } from 'vitest'
import { DEFAULT_OPERATION_LIMITS as limits } from '../../operations/operation-limits.ts'
import { typeDefs } from '../../schema/index.ts'
import { callerAdmission } from './caller-admission.ts'
import { createDocuments, tokensOf } from './documents.ts'
import { createIntrospection } from './introspection.ts'

const schema = makeExecutableSchema({ typeDefs: [...typeDefs] })

/** Of the usual length: a name, a variable, and about all fields of an order. */
const usual = (number: number) => `query Payment${number}($id: ID!) {
  order(id: $id) {
    __typename id outTradeNo description status closeReason platform platformState transactionId payerTotal
    merchant { __typename id name }
    amount { __typename total currency }
    attempts { __typename platformTradeNo platform appId createdAt }
    events { __typename seq type source occurredAt recordedAt }
    seq metadata createdAt updatedAt expiresAt paidAt closedAt
  }
}`

/** As many tokens as are read. */
const dense = (number: number) => `{ a${number}: order { ${'id '.repeat(490)}} }`

test.each(['keys', 'tokens'] as const)(
  'hundreds of documents of the usual length are kept for %s',
  (audience) => {
    const documents = createDocuments(schema, { limits, audience })
    for (let number = 0; number < 700; number += 1) documents.read(usual(number))
    const kept = Array.from({ length: 700 }, (_, number) => documents.known(usual(number)))
    expect(kept.filter((check) => check !== undefined)).toHaveLength(700)
    expect(documents.known(usual(0))).toHaveProperty('document')
  },
)

test('the largest documents are bounded by what they take', () => {
  const documents = createDocuments(schema, { limits, audience: 'tokens' })
  for (let number = 0; number < 300; number += 1) documents.read(dense(number))
  const kept = Array.from({ length: 300 }, (_, number) => documents.known(dense(number)))
  expect(kept.filter((check) => check !== undefined).length).toBeLessThan(150)
})

test.each([
  ['', 0],
  ['{ order { id } }', 6],
  ['query Q($id: ID!) { ...F }', 13],
  ['x'.repeat(16_000), 1],
  ['{'.repeat(16_000), 500],
])('the tokens of a text are counted (%#)', (text, expected) => {
  expect(tokensOf(text, limits)).toBeLessThanOrEqual(expected + 2)
  expect(tokensOf(text, limits)).toBeGreaterThanOrEqual(expected)
})

test('the tokens of one order cannot evict the documents of others with all that they have saved up', async () => {
  const frozen = { ...limits, costPerSecond: 0.001 }
  const introspection = createIntrospection(schema)
  const { decide } = callerAdmission({ schema, limits: frozen, introspection })
  const ask = async (query: string, order: string) => {
    const decision = await decide({ query }, { holder: order, isKey: false }, () => false)
    if (decision.kind === 'admitted') decision.release()
    return decision.kind === 'refused' ? decision.errors[0]?.extensions['code'] : decision.document
  }
  const usualDocuments: unknown[] = []
  for (let number = 0; number < 500; number += 1)
    usualDocuments.push(await ask(usual(number).replace('$id: ID!', '$id: ID = "1"'), `payer ${number}`))
  for (let number = 0; number < 200; number += 1) await ask(dense(number), 'stranger')
  expect(await ask(dense(201), 'stranger')).toBe('TOO_MANY_REQUESTS')
  const again: unknown[] = []
  for (let number = 0; number < 500; number += 1)
    again.push(await ask(usual(number).replace('$id: ID!', '$id: ID = "1"'), `payer ${number}`))
  expect(again.every((document, index) => document === usualDocuments[index])).toBe(true)
})
