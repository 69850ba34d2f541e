import { expect, test } from 'vitest'
import { openGateway } from '../support/gateway.ts'
import { graphql } from '../support/graphql.ts'
import { paidNotice, post } from '../support/notification.ts'
import { createdOrder, readOrder } from '../support/orders.ts'
import { payer, startPayment } from '../support/payments.ts'

test('a node is found by its id, and nothing is found by anything else', async () => {
  const gateway = await openGateway()
  const { order } = await createdOrder(gateway)
  const query = 'query ($id: ID!) { node(id: $id) { __typename id ... on Order { outTradeNo } } }'
  const nodeOf = async (id: string) =>
    graphql(gateway.url, gateway.merchant.apiKey, { query, variables: { id } })
  const { id, outTradeNo } = order
  expect((await nodeOf(id)).data).toEqual({ node: { __typename: 'Order', id, outTradeNo } })
  for (const other of [`${id}0`, outTradeNo, 'ord_', '', '{"$ne":null}']) {
    expect(await nodeOf(other)).toMatchObject({ data: { node: null }, errors: [] })
  }
})

test('every event shows the order as it was', async () => {
  const gateway = await openGateway()
  const { order } = await createdOrder(gateway)
  await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-1') })
  await post(gateway, paidNotice(gateway, order))
  const query = `query ($id: ID!, $after: Int) { order(id: $id) {
    events(after: $after) { seq type orderId order { seq status transactionId attempts { appId } events { seq } } } } }`
  const eventsAfter = async (after: number | null | undefined) => {
    const { data } = await graphql<{ order: { events: readonly object[] } }>(
      gateway.url,
      gateway.merchant.apiKey,
      { query, variables: { id: order.id, after } },
    )
    return data?.order.events ?? []
  }
  const { transactionId } = await readOrder(gateway, order.id)
  const [appId] = gateway.merchant.appIds
  const orderId = order.id
  const was = (seq: number, status: string) => ({
    seq,
    status,
    transactionId: status === 'PAID' ? transactionId : null,
    attempts: status === 'CREATED' ? [] : [{ appId }],
    events: Array.from({ length: seq }, (_none, index) => ({ seq: index + 1 })),
  })
  const all = [
    { seq: 1, type: 'order.created', orderId, order: was(1, 'CREATED') },
    { seq: 2, type: 'order.payment_started', orderId, order: was(2, 'PENDING') },
    { seq: 3, type: 'order.paid', orderId, order: was(3, 'PAID') },
  ]
  expect(transactionId).not.toBeNull()
  for (const after of [undefined, null, 0, -1]) expect(await eventsAfter(after)).toEqual(all)
  expect(await eventsAfter(1)).toEqual(all.slice(1))
  expect(await eventsAfter(2)).toEqual(all.slice(2))
  expect(await eventsAfter(3)).toEqual([])
})
