import { expect, test } from 'vitest'
import { startPayment as startThere } from '../../src/orders/start-payment.ts'
import { confirm, roundPorts } from '../support/asking.ts'
import { gate, stored, withAccount } from '../support/between-calls.ts'
import { lookInto } from '../support/database.ts'
import { createdOrder } from '../support/orders.ts'
import { payer, startPayment } from '../support/payments.ts'
import { unswept, unsweptOrder } from '../support/unswept.ts'

const MINUTE_MS = 60_000
const MOST = 20

test('an order has at most so many numbers, also when all of them have ended', async () => {
  const { gateway } = await unswept()
  const { order } = await createdOrder(gateway)
  const ended = Array.from({ length: MOST }, (_none, index) => ({
    platform: 'WECHATPAY',
    platformTradeNo: `${order.outTradeNo}-${index}`,
    appId: null,
    payerId: null,
    createdAt: gateway.parts.now(),
    prepay: null,
    endedAt: gateway.parts.now(),
  }))
  const give = (numbers: readonly object[]) =>
    lookInto(gateway.databaseUri, (database) =>
      database.collection<{ _id: string }>('orders').updateOne({ _id: order.id }, { $set: { numbers } }),
    )
  const start = () => startPayment(gateway, { orderId: order.id, payment: payer('o-payer-1') })
  await give(ended)
  expect(await start()).toMatchObject({
    __typename: 'InvalidInput',
    message: expect.stringContaining(`has had ${MOST} payments at the platform`),
  })
  expect((await stored(gateway, order.id)).numbers).toHaveLength(MOST)
  await give(ended.slice(1))
  expect(await start()).toMatchObject({ __typename: 'StartPaymentSuccess' })
  expect(await start()).toMatchObject({ __typename: 'StartPaymentSuccess' })
  expect((await stored(gateway, order.id)).numbers).toHaveLength(MOST)
})

test('a number that is sent again is not forgotten while its call is under way', async () => {
  const { gateway, pass } = await unswept()
  const { order } = await createdOrder(gateway)
  gateway.simulator.faults.add({ kind: 'drop-before', times: 3, target: { call: 'prepay' } })
  await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-1') })
  pass(2 * MINUTE_MS)
  const [sent, asked] = [gate(), gate()]
  const slowStart = withAccount(roundPorts(gateway), (account) => ({
    async prepay(request) {
      sent.open()
      await asked.opened
      return account.prepay(request)
    },
  }))
  const choice = { platform: 'WECHATPAY', payerId: 'o-payer-1', appId: undefined } as const
  const starting = startThere(slowStart, await stored(gateway, order.id), choice)
  await sent.opened
  await confirm(gateway, order.id, gateway.merchant.apiKey)
  const { numbers } = await stored(gateway, order.id)
  asked.open()
  await starting
  expect(numbers).toMatchObject([{ platformTradeNo: order.outTradeNo, endedAt: null }])
})

test('a number that was handed out is asked about, although the platform says that it does not know it', async () => {
  const { gateway, order, accessToken, pass } = await unsweptOrder()
  await gateway.simulator.close()
  await gateway.reopenPlatform()
  pass(2 * MINUTE_MS)
  await confirm(gateway, order.id, accessToken)
  expect((await stored(gateway, order.id)).numbers).toMatchObject([
    { platformTradeNo: order.outTradeNo, prepay: null, endedAt: null },
  ])
})
