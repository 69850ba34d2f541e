import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeExecutableSchema } from '@graphql-tools/schema'
import { parse, validate } from 'graphql'
import { expect, test } from 'vitest'
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
