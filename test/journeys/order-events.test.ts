import { expect, test } from 'vitest'
import { databaseAt } from '../support/database.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { subscriber } from '../support/graphql.ts'
import { paidNotice, post } from '../support/notification.ts'
import { createOrder, orderInput, payableOrder } from '../support/orders.ts'
import { startPayment } from '../support/payments.ts'

interface Seen {
  readonly seq: number
  readonly type: string
  readonly order: { readonly status: string; readonly seq: number }
}

function events(
  { url }: Pick<TestGateway, 'url'>,
  credential: string,
  { id, after = 0 }: { readonly id: string; readonly after?: number },
) {
  return subscriber(url, credential).iterate<{ orderEvents: Seen }>({
    query: `subscription ($id: ID!, $after: Int) {
      orderEvents(id: $id, after: $after) { seq type order { status seq } } }`,
    variables: { id, after },
  })
}

async function take(
  stream: ReturnType<typeof events>,
  count: number,
): Promise<readonly (Seen | undefined)[]> {
  const taken = []
  for (let index = 0; index < count; index += 1) {
    const { value } = (await stream.next()) as { readonly value?: { readonly data?: { orderEvents: Seen } } }
    taken.push(value?.data?.orderEvents)
  }
  return taken
}

test('first what was recorded, then what happens, each event once and with the order as it was then', async () => {
  const gateway = await openGateway()
  const { order, accessToken } = await payableOrder(gateway)
  const stream = events(gateway, accessToken, { id: order.id })
  expect(await take(stream, 2)).toEqual([
    { seq: 1, type: 'order.created', order: { status: 'CREATED', seq: 1 } },
    { seq: 2, type: 'order.payment_started', order: { status: 'PENDING', seq: 2 } },
  ])
  const paid = take(stream, 1)
  await post(gateway, paidNotice(gateway, order))
  expect(await paid).toEqual([{ seq: 3, type: 'order.paid', order: { status: 'PAID', seq: 3 } }])
})

test('whoever comes back with a cursor gets what came after it, and nothing twice', async () => {
  const gateway = await openGateway()
  const { order, accessToken } = await payableOrder(gateway)
  await post(gateway, paidNotice(gateway, order))
  expect(await take(events(gateway, accessToken, { id: order.id, after: 1 }), 2)).toMatchObject([
    { seq: 2 },
    { seq: 3 },
  ])
  expect(await take(events(gateway, accessToken, { id: order.id, after: 2 }), 1)).toMatchObject([
    { seq: 3, type: 'order.paid' },
  ])
})

test.each([-1, 3, 2_147_483_647])('the cursor %i, which nobody was given, is refused', async (after) => {
  const gateway = await openGateway()
  const { order, accessToken } = await payableOrder(gateway)
  const { value } = await events(gateway, accessToken, { id: order.id, after }).next()
  expect(value).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] })
})

test('what another process writes reaches the watchers of this one with the next comparison', async () => {
  const here = await openGateway({ reconcilePauseMs: 5 })
  const database = await databaseAt(here.databaseUri)
  const there = await openGateway({ ...here.parts, database, publicUrl: here.url })
  const { order, accessToken } = await payableOrder(here)
  const stream = events(here, accessToken, { id: order.id, after: 2 })
  const paid = take(stream, 1)
  await expect.poll(() => here.simulator.orders()).toHaveLength(1)
  await post({ ...here, url: there.url }, paidNotice(here, order))
  expect(await paid).toMatchObject([{ seq: 3, type: 'order.paid' }])
})

test('many changes at once reach a watcher complete and in order', async () => {
  const gateway = await openGateway()
  const input = orderInput()
  const { order } = await createOrder(gateway, { ...input, payment: undefined })
  const stream = events(gateway, gateway.merchant.apiKey, { id: order?.id ?? '' })
  const payers = Array.from({ length: 8 }, (_payer, index) => ({ wechatpay: { openid: `o-payer-${index}` } }))
  await Promise.all(payers.map((payment) => startPayment(gateway, { orderId: order?.id ?? '', payment })))
  const told = await take(stream, 9)
  expect(told.map((event) => event?.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
})
