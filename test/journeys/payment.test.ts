import { expect, test } from 'vitest'
import { subscriber } from '../support/graphql.ts'
import { openGateway } from '../support/gateway.ts'
import { payableOrder, readOrder } from '../support/orders.ts'

test('a payment goes from the order to the ringing page', async () => {
  const gateway = await openGateway()
  const { order, accessToken, parameters } = await payableOrder(gateway)
  expect(order).toMatchObject({ status: 'PENDING', seq: 2, amount: { total: 100, currency: 'CNY' } })
  expect(parameters).toMatchObject({ appId: gateway.merchant.appIds[0], signType: 'RSA' })

  const paid = subscriber(gateway.url, accessToken).iterate<{ orderPaid: { status: string } }>({
    query: 'subscription ($id: ID!) { orderPaid(id: $id) { status transactionId } }',
    variables: { id: order.id },
  })
  const ringing = paid.next()
  const { transactionId } = await gateway.simulator.pay({
    mchId: gateway.merchant.mchId,
    outTradeNo: order.outTradeNo,
  })

  expect(await ringing).toEqual({
    done: false,
    value: { data: { orderPaid: { status: 'PAID', transactionId } } },
  })
  expect(await paid.next()).toMatchObject({ done: true })
  expect(await readOrder(gateway, order.id)).toMatchObject({
    status: 'PAID',
    transactionId,
    payerTotal: 100,
    platform: 'WECHATPAY',
    platformState: 'SUCCESS',
    anomalies: [],
    events: [
      { seq: 1, type: 'order.created', source: 'API' },
      { seq: 2, type: 'order.payment_started', source: 'API' },
      { seq: 3, type: 'order.paid', source: 'NOTIFY' },
    ],
  })
})
