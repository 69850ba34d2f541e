import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeExecutableSchema } from '@graphql-tools/schema'
import { parse, validate } from 'graphql'
import { expect, test } from 'vitest'
import { openGateway } from '../test/support/gateway.ts'
import { graphqlOverSse } from '../test/support/streams.ts'
import { payableOrder } from '../test/support/orders.ts'
import { CONFIRM, EVENTS, READ_ORDER } from './client/order.ts'
import { START } from './pay/gateway.ts'
import { examplesFor } from './playground/examples.ts'
import { CREATE_ORDER } from './shop/backend/paybell.ts'

const SCHEMA_DIR = join(import.meta.dirname, '../src/schema')
const files = readdirSync(SCHEMA_DIR).filter((name) => name.endsWith('.graphql'))
const schema = makeExecutableSchema({
  typeDefs: files.map((name) => readFileSync(join(SCHEMA_DIR, name), 'utf8')),
})
const [CREATE, BY_NUMBER, ORDERS, UPDATED, PAID] = examplesFor('DEMO-1')

test.each([
  ['the client, for an order', READ_ORDER],
  ['the client, for its events', EVENTS],
  ['the client, after a payment', CONFIRM],
  ['the pay page, for a payment', START],
  ['the shop, for an order', CREATE_ORDER],
  ['the playground, first tab', CREATE?.query],
  ['the playground, second tab', BY_NUMBER?.query],
  ['the playground, third tab', ORDERS?.query],
  ['the playground, fourth tab', UPDATED?.query],
  ['the playground, fifth tab', PAID?.query],
])('what the schema has is all that is asked by %s', (_, operation = '') => {
  expect(validate(schema, parse(operation))).toEqual([])
})

test('the examples of the playground share one order number', () => {
  expect(CREATE?.variables).toContain('"outTradeNo": "DEMO-1"')
  expect(BY_NUMBER?.variables).toContain('"outTradeNo": "DEMO-1"')
})

test('what is asked for is far within the bounds of operations', async () => {
  const gateway = await openGateway({
    operationLimits: { cost: 3000, tokens: 250, rootFields: 2, textCharacters: 2048 },
  })
  const { order } = await payableOrder(gateway)
  const input = { outTradeNo: 'SHOPORDER1', description: 'tea', amount: { total: 1 } }
  const given = { id: order.id, input, outTradeNo: order.outTradeNo }
  for (const query of [
    READ_ORDER,
    CONFIRM,
    START,
    CREATE_ORDER,
    CREATE?.query,
    BY_NUMBER?.query,
    UPDATED?.query,
  ]) {
    const operation = { query: query ?? '', variables: given }
    expect((await graphqlOverSse(gateway.url, gateway.merchant.apiKey, operation)).errors, query).toEqual([])
  }
  for (const operation of [
    { query: EVENTS, variables: { id: order.id, after: 0 } },
    { query: ORDERS?.query ?? '', variables: { first: 10 } },
  ]) {
    const { errors } = await graphqlOverSse(gateway.url, gateway.merchant.apiKey, operation)
    expect(errors, operation.query).toEqual([])
  }
})
