import { expect, test } from 'vitest'
import { closeOrder, recordClosed } from '../../src/orders/close-order.ts'
import { close, readEnd, roundPorts, stateAtPlatform } from '../support/asking.ts'
import { stored, withAccount } from '../support/between-calls.ts'
import { paidNotice, post } from '../support/notification.ts'
import { createdOrder } from '../support/orders.ts'
import { otherSystem } from '../support/other-system.ts'
import { payer, startPayment } from '../support/payments.ts'
import { unswept, unsweptOrder } from '../support/unswept.ts'

const SECOND_MS = 1000

/** An order with two payers; closing it leaves the second in doubt. */
async function halfClosed() {
  const opened = await unsweptOrder()
  const { gateway, order } = opened
  const { order: both } = await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-2') })
  const [first = '', second = ''] = both?.attempts.map(({ platformTradeNo }) => platformTradeNo) ?? []
  const target = { outTradeNo: second }
  gateway.simulator.faults.add({ kind: 'close-race', payer: 'leaves', times: 'always', target })
  const answer = await close(gateway, order.id)
  return {
    ...opened,
    answer,
    states: () => [first, second].map((number) => stateAtPlatform(gateway, number)),
    start: (openid: string) => startPayment(gateway, { orderId: order.id, payment: payer(openid) }),
    second,
  }
}

test('nobody is given parameters for an order that is half closed', async () => {
  const { answer, states, start, gateway, order, accessToken } = await halfClosed()
  expect(answer).toMatchObject({ __typename: 'PlatformUnavailable' })
  expect(states()).toEqual(['CLOSED', 'NOTPAY'])
  for (const openid of ['o-payer-1', 'o-payer-2', 'o-payer-3'])
    expect(await start(openid)).toMatchObject({ __typename: 'OrderNotPayable' })
  expect(await startPayment(gateway, { orderId: order.id }, accessToken)).toMatchObject({
    __typename: 'OrderNotPayable',
    message: expect.stringContaining('is being closed'),
  })
})

test('what was not closed is closed by the sweep, with the reason and the source of the wish', async () => {
  const { gateway, pass, sweepOnce, read, states } = await halfClosed()
  gateway.simulator.faults.clear()
  pass(15 * SECOND_MS)
  expect(await sweepOnce()).toBe(1)
  expect(states()).toEqual(['CLOSED', 'CLOSED'])
  expect(await read()).toMatchObject({
    status: 'CLOSED',
    closeReason: 'MERCHANT',
    events: [{}, {}, {}, { type: 'order.closed', source: 'API' }],
  })
})

test('closing goes on until it is done, however long the platform is in doubt', async () => {
  const { gateway, pass, sweepOnce, read } = await halfClosed()
  pass(15 * SECOND_MS)
  expect(await sweepOnce()).toBe(1)
  expect(await read()).toMatchObject({ status: 'PENDING' })
  gateway.simulator.faults.clear()
  pass(60 * SECOND_MS)
  expect(await sweepOnce()).toBe(1)
  expect(await read()).toMatchObject({ status: 'CLOSED', closeReason: 'MERCHANT' })
})

test('a payer who was paying at that moment is found, and the order is PAID', async () => {
  const { gateway, pass, sweepOnce, read, second } = await halfClosed()
  await gateway.simulator.pay({ mchId: gateway.merchant.mchId, outTradeNo: second })
  pass(15 * SECOND_MS)
  await sweepOnce()
  expect(await read()).toMatchObject({ status: 'PAID', anomalies: [] })
  expect(await close(gateway, (await read()).id)).toMatchObject({ __typename: 'OrderNotPayable' })
})

test('an order to which a number was added while it was being closed is not called closed', async () => {
  const { gateway, order } = await unsweptOrder()
  const ports = roundPorts(gateway)
  const known = await gateway.parts.database.orders.byId(order.id)
  if (known === undefined) throw new Error('The order is gone.')
  await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-2') })
  const ended = known.numbers.map((number) => ({ number, end: 'closed' as const }))
  const closing = { ended, reason: 'EXPIRED', source: 'SYSTEM' } as const
  expect(await recordClosed(ports, known, closing)).toMatchObject({ status: 'PENDING', closing: null })
})

test('an order under review is not called closed, whatever is known of its numbers', async () => {
  const { gateway, order } = await unsweptOrder()
  const payment = { amount: { total: 1, currency: 'CNY' } }
  await post(gateway, paidNotice(gateway, order, { payment }))
  const known = await gateway.parts.database.orders.byId(order.id)
  if (known === undefined) throw new Error('The order is gone.')
  const ended = known.numbers.map((number) => ({ number, end: 'closed' as const }))
  const closing = { ended, reason: 'PLATFORM', source: 'QUERY' } as const
  expect(await recordClosed(roundPorts(gateway), known, closing)).toMatchObject({ status: 'PENDING' })
})

test('an order that was never sent to the platform is not payable from the wish to close it on', async () => {
  const { gateway, pass, sweepOnce } = await unswept()
  const { order } = await createdOrder(gateway)
  const target = { call: 'query' } as const
  gateway.simulator.faults.add({ kind: 'error', status: 503, code: 'SERVICE_UNAVAILABLE', times: 3, target })
  expect(await close(gateway, order.id)).toMatchObject({ __typename: 'PlatformUnavailable' })
  expect(await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-1') })).toMatchObject({
    __typename: 'OrderNotPayable',
  })
  pass(15 * SECOND_MS)
  expect(await sweepOnce()).toBe(1)
  expect(await readEnd(gateway, order.id)).toMatchObject({ status: 'CLOSED', closeReason: 'MERCHANT' })
})

test('a crash after the close of a number that another system uses leaves nothing half closed', async () => {
  const { gateway, pass, sweepOnce } = await unswept()
  const { order } = await createdOrder(gateway)
  await otherSystem(gateway).open(order.outTradeNo)
  const dying = withAccount(roundPorts(gateway), (account) => ({
    async close(tradeNo) {
      await account.close(tradeNo)
      throw new Error('killed')
    },
  }))
  const request = { reason: 'MERCHANT', source: 'API' } as const
  await expect(closeOrder(dying, await stored(gateway, order.id), request)).rejects.toThrow('killed')
  pass(15 * SECOND_MS)
  expect(await sweepOnce()).toBe(1)
  expect(await readEnd(gateway, order.id)).toMatchObject({ status: 'CLOSED', closeReason: 'MERCHANT' })
  expect((await stored(gateway, order.id)).numbers).toMatchObject([{ endedAt: expect.any(Date) }])
})
