import { expect, test } from 'vitest'
import { openGateway } from '../support/gateway.ts'
import { graphql } from '../support/graphql.ts'
import { createdOrder, createOrder, freshTradeNo, payableOrder, readOrder } from '../support/orders.ts'

const METADATA: readonly string[] = [
  '{"$a":1,"a.b":{"$set":{"x":null}},"__proto__":{"isAdmin":true},"":[[],{}]}',
  '{"constructor":{"prototype":1},"toJSON":"x","_id":1,"ключ":"茶 🍵 \\u0000 \\ud800"}',
  '[1,1.5,1e+21,-0.1,true,null,"",{"b":1,"a":2}]',
  'false',
  '0',
  '""',
]

test('metadata with its keys in another order is the same input', async () => {
  const gateway = await openGateway()
  const metadata = { table: 7, guests: [{ name: 'Anna', seat: 1 }] }
  const same = { outTradeNo: freshTradeNo(), metadata }
  const { order } = await payableOrder(gateway, same)
  const respelt = { guests: [{ seat: 1, name: 'Anna' }], table: 7 }
  const answer = await createOrder(gateway, { ...same, metadata: respelt })
  expect(answer).toMatchObject({ __typename: 'CreateOrderSuccess', order: { id: order.id } })
  expect(JSON.stringify(answer.order?.metadata)).toBe(JSON.stringify(metadata))
  const moved = { table: 7, guests: [{ name: 'Anna', seat: 2 }] }
  expect(await createOrder(gateway, { ...same, metadata: moved })).toMatchObject({
    __typename: 'OutTradeNoConflict',
  })
})

test('metadata comes back as it was given', async () => {
  const gateway = await openGateway()
  for (const text of METADATA) {
    const given: unknown = JSON.parse(text)
    const { order } = await createdOrder(gateway, { metadata: given })
    expect(JSON.stringify(order.metadata)).toBe(JSON.stringify(given))
    const { metadata } = await readOrder(gateway, order.id)
    expect(JSON.stringify(metadata)).toBe(JSON.stringify(given))
  }
})

test('metadata that is written in the query comes back as it was given', async () => {
  const { url, merchant } = await openGateway()
  const input = `{ outTradeNo: "LITERAL01", description: "tea", amount: { total: 1 },
    metadata: { __proto__: { a: 1 }, b: [1.5, "x", null, true] } }`
  const { data, errors } = await graphql<{ createOrder: { order: { metadata: unknown } } }>(
    url,
    merchant.apiKey,
    {
      query: `mutation { createOrder(input: ${input}) { ... on CreateOrderSuccess { order { metadata } } } }`,
    },
  )
  expect(errors).toEqual([])
  expect(JSON.stringify(data?.createOrder.order.metadata)).toBe(
    '{"__proto__":{"a":1},"b":[1.5,"x",null,true]}',
  )
})

test('metadata that is nested too deeply is refused each time, however it is sent, with a sentence', async () => {
  const gateway = await openGateway()
  const outTradeNo = freshTradeNo()
  const deep = `${'['.repeat(2000)}${']'.repeat(2000)}`
  const inline = `mutation { createOrder(input: { outTradeNo: "${outTradeNo}", description: "tea",
    amount: { total: 1 }, metadata: ${'['.repeat(100)}${']'.repeat(100)} }) { __typename ... on InvalidInput { field message } } }`
  const refusal = {
    __typename: 'InvalidInput',
    field: 'metadata',
    message: 'metadata must have at most 32 levels of lists and objects.',
  }
  for (let time = 0; time < 2; time += 1) {
    expect(await createOrder(gateway, { outTradeNo, metadata: JSON.parse(deep) })).toEqual(refusal)
    expect(await graphql(gateway.url, gateway.merchant.apiKey, { query: inline })).toMatchObject({
      data: { createOrder: refusal },
    })
  }
})

test('metadata that is nested beyond sense is refused like metadata that is too long', async () => {
  const gateway = await openGateway()
  const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`
  const input = { outTradeNo: freshTradeNo(), description: 'tea', amount: { total: 1 } }
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${gateway.merchant.apiKey}`,
    },
    body: `{"query":"mutation ($input: CreateOrderInput!) { createOrder(input: $input) { __typename ... on InvalidInput { field } } }",
      "variables":{"input":{${JSON.stringify(input).slice(1, -1)},"metadata":${deep}}}}`,
  })
  expect(await response.json()).toEqual({
    data: { createOrder: { __typename: 'InvalidInput', field: 'metadata' } },
  })
})
