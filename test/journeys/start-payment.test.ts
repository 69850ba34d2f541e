import { expect, test, vi } from 'vitest'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { paidNotice, post } from '../support/notification.ts'
import { createdOrder, createOrder, freshTradeNo, payableOrder, readOrder } from '../support/orders.ts'
import { expectSigned, payer, startPayment } from '../support/payments.ts'

const HOUR_MS = 60 * 60 * 1000

function inHours(hours: number): string {
  return new Date(Date.now() + hours * HOUR_MS).toISOString()
}

async function paidThrough(gateway: TestGateway, orderId: string, outTradeNo: string): Promise<string> {
  const { transactionId } = await gateway.simulator.pay({ mchId: gateway.merchant.mchId, outTradeNo })
  await vi.waitFor(async () => expect((await readOrder(gateway, orderId)).status).toBe('PAID'), {
    interval: 5,
    timeout: 10_000,
  })
  return transactionId
}

test('a page that holds only the token resumes the payment with parameters that are signed anew', async () => {
  const gateway = await openGateway()
  const { order, accessToken, parameters } = await payableOrder(gateway)
  const resumed = await startPayment(gateway, { orderId: order.id }, accessToken)
  expect(resumed).toMatchObject({ __typename: 'StartPaymentSuccess', order })
  const again = resumed.payment?.wechatpay
  expectSigned(gateway, again)
  expect(again?.['package']).toBe(parameters?.['package'])
  expect(again?.['nonceStr']).not.toBe(parameters?.['nonceStr'])
  expect(gateway.simulator.orders()).toHaveLength(1)
})

test('a payment can be started after the order was created, and pays it', async () => {
  const gateway = await openGateway()
  const { order, accessToken } = await createdOrder(gateway)
  const input = { orderId: order.id, payment: payer('o-payer-1') }
  const started = await startPayment(gateway, input, accessToken)
  expect(started.order).toMatchObject({ id: order.id, status: 'PENDING', seq: 2 })
  expect(started.order?.attempts).toMatchObject([{ platformTradeNo: order.outTradeNo }])
  expectSigned(gateway, started.payment?.wechatpay)
  const transactionId = await paidThrough(gateway, order.id, order.outTradeNo)
  expect(await readOrder(gateway, order.id)).toMatchObject({ seq: 3, transactionId })
})

test('there is nothing to resume before a payment was started', async () => {
  const gateway = await openGateway()
  const { order, accessToken } = await createdOrder(gateway)
  const answer = await startPayment(gateway, { orderId: order.id }, accessToken)
  expect(answer).toMatchObject({ __typename: 'InvalidInput', field: 'payment' })
  expect(await readOrder(gateway, order.id)).toEqual(order)
})

test.each([
  ['another payer', payer('o-payer-2')],
  ['the same payer in another app', payer('o-payer-1', 'wxacme1111111111')],
])('%s gets an attempt of its own, and paying that one pays the order', async (_who, payment) => {
  const gateway = await openGateway()
  const { order } = await payableOrder(gateway)
  const started = await startPayment(gateway, { orderId: order.id, payment })
  expectSigned(gateway, started.payment?.wechatpay)
  const { attempts } = started.order ?? order
  const [first = '', second = ''] = attempts.map(({ platformTradeNo }) => platformTradeNo)
  expect(first).toBe(order.outTradeNo)
  expect(second).toMatch(/^[0-9A-Za-z_\-|*]{6,32}$/)
  expect(second).not.toBe(first)
  expect(gateway.simulator.orders()).toHaveLength(2)

  const again = await startPayment(gateway, { orderId: order.id, payment })
  expect(again.order).toMatchObject({ attempts })

  const transactionId = await paidThrough(gateway, order.id, second)
  const paid = await readOrder(gateway, order.id)
  expect(paid).toMatchObject({ transactionId, outTradeNo: order.outTradeNo, anomalies: [] })
})

test('a number of the greatest length leaves room for a second payer', async () => {
  const gateway = await openGateway()
  const { order } = await payableOrder(gateway, {
    outTradeNo: `${freshTradeNo()}${freshTradeNo()}`.slice(0, 32),
  })
  const started = await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-2') })
  expectSigned(gateway, started.payment?.wechatpay)
  await paidThrough(gateway, order.id, started.order?.attempts[1]?.platformTradeNo ?? '')
})

test('two payers who both pay are a payment and an anomaly', async () => {
  const gateway = await openGateway()
  const { order } = await payableOrder(gateway)
  const started = await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-2') })
  const transactionId = await paidThrough(gateway, order.id, order.outTradeNo)
  const [, second] = started.order?.attempts ?? []
  const { platformTradeNo = '' } = second ?? {}
  gateway.advanceAll(2000)
  await gateway.simulator.pay({ mchId: gateway.merchant.mchId, outTradeNo: platformTradeNo })
  await vi.waitFor(
    async () =>
      expect(await readOrder(gateway, order.id)).toMatchObject({
        status: 'PAID',
        transactionId,
        anomalies: [{ kind: 'DUPLICATE_PAYMENT' }],
      }),
    { interval: 5, timeout: 10_000 },
  )
})

test('a prepay that has expired is renewed under the same number, and pays', async () => {
  const gateway = await openGateway()
  const { order, accessToken, parameters } = await payableOrder(gateway, { expiresAt: inHours(5) })
  gateway.advanceAll(HOUR_MS)
  const early = await startPayment(gateway, { orderId: order.id }, accessToken)
  expect(early.payment?.wechatpay?.['package']).toBe(parameters?.['package'])

  gateway.advanceAll(1.5 * HOUR_MS)
  const late = await startPayment(gateway, { orderId: order.id }, accessToken)
  expectSigned(gateway, late.payment?.wechatpay)
  expect(late.payment?.wechatpay?.['package']).not.toBe(parameters?.['package'])
  // No event: a renewal is nothing that the order's watchers could do anything about.
  expect(late.order).toMatchObject({ seq: 2, attempts: [{ platformTradeNo: order.outTradeNo }] })
  expect(late.order?.attempts).toHaveLength(1)
  expect(gateway.simulator.orders()).toHaveLength(1)
  await paidThrough(gateway, order.id, order.outTradeNo)
})

test('a renewal does not change whose order it is', async () => {
  const gateway = await openGateway()
  const same = { outTradeNo: freshTradeNo(), expiresAt: inHours(5) }
  const { order } = await payableOrder(gateway, same)
  await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-2') })
  gateway.advanceAll(2.5 * HOUR_MS)
  await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-1') })
  expect(await createOrder(gateway, same)).toMatchObject({ __typename: 'CreateOrderSuccess' })
  const another = await createOrder(gateway, { ...same, payment: payer('o-payer-2') })
  expect(another.__typename).toBe('OutTradeNoConflict')
})

test('a paid order takes no payment', async () => {
  const gateway = await openGateway()
  const { order, accessToken } = await payableOrder(gateway)
  await post(gateway, paidNotice(gateway, order))
  for (const payment of [undefined, payer('o-payer-1'), payer('o-payer-2')]) {
    const input = { orderId: order.id, ...(payment && { payment }) }
    const answer = await startPayment(gateway, input, accessToken)
    expect(answer).toMatchObject({ __typename: 'OrderNotPayable', order: { id: order.id, status: 'PAID' } })
    expect(answer.message).toMatch(/ is PAID\.$/)
  }
})

test('an expired order takes no payment', async () => {
  const gateway = await openGateway()
  const { order, accessToken } = await payableOrder(gateway)
  gateway.advanceAll(2 * HOUR_MS)
  const answer = await startPayment(gateway, { orderId: order.id }, accessToken)
  expect(answer).toMatchObject({ __typename: 'OrderNotPayable', order: { id: order.id, seq: 2 } })
  expect(answer.message).toMatch(/ has expired\.$/)
})

test.each([
  ['payment.wechatpay.openid', payer('o payer')],
  ['payment.wechatpay.appId', payer('o-payer-1', 'wxbrew0000000000')],
])('%s out of range is refused', async (field, payment) => {
  const gateway = await openGateway()
  const { order } = await payableOrder(gateway)
  const answer = await startPayment(gateway, { orderId: order.id, payment })
  expect(answer).toMatchObject({ __typename: 'InvalidInput', field })
  expect(await readOrder(gateway, order.id)).toEqual(order)
})

test('what the platform refuses, or does not answer, changes nothing', async () => {
  const gateway = await openGateway()
  const { order } = await payableOrder(gateway)
  const { unboundAppId } = gateway.merchant
  const refused = { orderId: order.id, payment: payer('o-payer-1', unboundAppId) }
  expect(await startPayment(gateway, refused)).toMatchObject({
    __typename: 'PlatformRefused',
    code: 'APPID_MCHID_NOT_MATCH',
  })
  await gateway.simulator.close()
  const unanswered = { orderId: order.id, payment: payer('o-payer-2') }
  expect(await startPayment(gateway, unanswered)).toMatchObject({ __typename: 'PlatformUnavailable' })
  expect(await readOrder(gateway, order.id)).toEqual(order)
})

test('a standing payment is resumed without asking the platform', async () => {
  const gateway = await openGateway()
  const same = { outTradeNo: freshTradeNo() }
  const { order, accessToken } = await payableOrder(gateway, same)
  await gateway.simulator.close()
  expectSigned(gateway, (await startPayment(gateway, { orderId: order.id }, accessToken)).payment?.wechatpay)
  expectSigned(gateway, (await createOrder(gateway, same)).payment?.wechatpay)
})

test("another merchant's order is not there", async () => {
  const gateway = await openGateway()
  const { order } = await payableOrder(gateway)
  const key = gateway.otherMerchant.apiKey
  const answer = await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-2') }, key)
  expect(answer).toMatchObject({ __typename: 'NotFound' })
  expect(await readOrder(gateway, order.id)).toEqual(order)
})

test('an order has at most ten payers, so that its token cannot be used to call the platform without end', async () => {
  const gateway = await openGateway()
  const { order } = await payableOrder(gateway)
  for (let index = 2; index <= 10; index += 1) {
    expect(
      await startPayment(gateway, { orderId: order.id, payment: payer(`o-payer-${index}`) }),
    ).toMatchObject({ __typename: 'StartPaymentSuccess' })
  }
  expect(await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-11') })).toMatchObject({
    __typename: 'InvalidInput',
    field: 'payment',
  })
  expect(await startPayment(gateway, { orderId: order.id, payment: payer('o-payer-3') })).toMatchObject({
    __typename: 'StartPaymentSuccess',
  })
})

/** Another process of the same gateway, behind the same public address. */
function openAnother({ databaseUri, parts }: TestGateway): Promise<TestGateway> {
  const { merchants, tokenSecrets, publicUrl } = parts
  return openGateway({ databaseUri, merchants, tokenSecrets, publicUrl })
}

test('payers who begin at the same time find room for ten, and everybody else is told so', async () => {
  const gateway = await openGateway()
  const other = await openAnother(gateway)
  const { order, accessToken } = await payableOrder(gateway)
  const begin = ({ url }: TestGateway, index: number) =>
    startPayment({ ...gateway, url }, { orderId: order.id, payment: payer(`o-crowd-${index}`) }, accessToken)
  const answers = await Promise.all(
    Array.from({ length: 24 }, (_, index) => begin(index % 2 === 0 ? gateway : other, index)),
  )
  const { attempts } = await readOrder(gateway, order.id)
  const started = answers.filter(({ __typename }) => __typename === 'StartPaymentSuccess')
  expect(attempts).toHaveLength(10)
  expect(started).toHaveLength(9)
  const refused = answers.filter((answer) => !started.includes(answer))
  expect(refused).toMatchObject(refused.map(() => ({ __typename: 'InvalidInput', field: 'payment' })))
})

test('a further payer who begins several times at once, anywhere, gets one payment', async () => {
  const gateway = await openGateway()
  const other = await openAnother(gateway)
  const { order, accessToken } = await payableOrder(gateway)
  const begin = ({ url }: TestGateway) =>
    startPayment({ ...gateway, url }, { orderId: order.id, payment: payer('o-hasty') }, accessToken)
  const answers = await Promise.all([gateway, gateway, other, other].map(begin))
  expect(answers).toMatchObject(answers.map(() => ({ __typename: 'StartPaymentSuccess' })))
  expect((await readOrder(gateway, order.id)).attempts).toHaveLength(2)
  expect(gateway.simulator.orders()).toHaveLength(2)
})

test('an order of which ten starts were refused makes no further call for a minute, but lets who began go on', async () => {
  const gateway = await openGateway()
  const { order, accessToken } = await payableOrder(gateway)
  const begin = (openid: string) =>
    startPayment(gateway, { orderId: order.id, payment: payer(openid) }, accessToken)
  gateway.simulator.faults.add({
    kind: 'error',
    status: 400,
    code: 'PARAM_ERROR',
    times: 10,
    target: { call: 'prepay' },
  })
  for (let stranger = 0; stranger < 10; stranger += 1) {
    expect(await begin(`o-stranger-${stranger}`)).toMatchObject({ __typename: 'PlatformRefused' })
  }
  expect(await begin('o-stranger-10')).toMatchObject({
    __typename: 'PlatformUnavailable',
    message: expect.stringContaining('in a minute'),
  })
  expect(gateway.simulator.orders()).toHaveLength(1)
  expect(await begin('o-payer-1')).toMatchObject({ __typename: 'StartPaymentSuccess' })
  gateway.advance(60_000)
  expect(await begin('o-stranger-10')).toMatchObject({ __typename: 'StartPaymentSuccess' })
})
