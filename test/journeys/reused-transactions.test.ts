import { expect, test } from 'vitest'
import { newest } from '../support/inbox.ts'
import { openGateway } from '../support/gateway.ts'
import { paidNotice, post } from '../support/notification.ts'
import { payableOrder, readOrder } from '../support/orders.ts'
import { lookInto } from '../support/database.ts'

const TRANSACTION = '4200000000202601010000000001'
const payment = { transaction_id: TRANSACTION }

async function orders(count: number) {
  const gateway = await openGateway()
  const all = await Promise.all(
    Array.from({ length: count }, async () => (await payableOrder(gateway)).order),
  )
  return { gateway, all, read: () => Promise.all(all.map(({ id }) => readOrder(gateway, id))) }
}

test('a transaction that has paid an order pays no other: the second is an anomaly', async () => {
  const { gateway, all, read } = await orders(2)
  for (const order of all) {
    const answer = await post(gateway, paidNotice(gateway, order, { payment }))
    expect(answer.status).toBe(204)
  }
  const detail = `Transaction ${TRANSACTION} has paid order ${all[0]?.outTradeNo}.`
  expect(await read()).toMatchObject([
    { status: 'PAID', transactionId: TRANSACTION, anomalies: [] },
    { status: 'PENDING', transactionId: null, anomalies: [{ kind: 'TRANSACTION_REUSED', detail }] },
  ])
})

test('of five orders that one transaction is reported for at the same moment, one is PAID', async () => {
  const { gateway, all, read } = await orders(5)
  const notices = all.map((order) => paidNotice(gateway, order, { payment }))
  const answers = await Promise.all(notices.map((notice) => post(gateway, notice)))
  expect(answers.map(({ status }) => status)).toEqual([204, 204, 204, 204, 204])
  const states = (await read()).map(({ status, anomalies }) =>
    [status, ...anomalies.map(({ kind }) => kind)].join(' '),
  )
  expect(states.toSorted()).toEqual([
    'PAID',
    ...Array.from({ length: 4 }, () => 'PENDING TRANSACTION_REUSED'),
  ])
})

test('another transaction still pays the second order, and another merchant may have one of the same number', async () => {
  const { gateway, all, read } = await orders(2)
  for (const order of all) await post(gateway, paidNotice(gateway, order, { payment }))
  const [, second] = all
  if (second !== undefined) await post(gateway, paidNotice(gateway, second))
  expect(await read()).toMatchObject([{ status: 'PAID' }, { status: 'PAID', anomalies: [{}] }])
  const { otherMerchant } = gateway
  const { order: theirs } = await payableOrder(gateway, {}, otherMerchant.apiKey)
  await post(gateway, paidNotice(gateway, theirs, { payment, merchant: otherMerchant }), otherMerchant.id)
  expect(await readOrder(gateway, theirs.id, otherMerchant.apiKey)).toMatchObject({
    status: 'PAID',
    anomalies: [],
  })
})

test.each([
  ['AMOUNT_MISMATCH', { amount: { total: 77, currency: 'CNY', payer_total: 70 } }, 77],
  ['MERCHANT_MISMATCH', { mchid: '1900000000' }, 100],
  ['PAID_BEFORE_ORDER', { success_time: '2020-01-01T00:00:00+08:00' }, 100],
])(
  'money that is not believed (%s) keeps its amount, payer and transaction',
  async (kind, changes, total) => {
    const { gateway, all } = await orders(1)
    const [order] = all
    if (order === undefined) throw new Error('There is no order.')
    await post(gateway, paidNotice(gateway, order, { payment: { ...payment, ...changes } }))
    const [stored] = await lookInto(gateway.databaseUri, (database) =>
      database.collection('orders').find().toArray(),
    )
    expect(stored).toMatchObject({
      status: 'PENDING',
      transactions: [],
      anomalies: [
        {
          kind,
          payment: {
            platform: 'WECHATPAY',
            platformTradeNo: order.outTradeNo,
            transactionId: TRANSACTION,
            total,
            currency: 'CNY',
            payerTotal: kind === 'AMOUNT_MISMATCH' ? 70 : 100,
            payerId: 'o-payer-1',
            paidAt: expect.any(Date),
          },
        },
      ],
    })
  },
)

test.each([
  [299, 'PAID'],
  [301, 'PENDING'],
])('a payment %i seconds before the order makes it %s', async (seconds, status) => {
  const { gateway, all, read } = await orders(1)
  const [order] = all
  if (order === undefined) throw new Error('There is no order.')
  const created = Math.floor((await gateway.parts.database.orders.byId(order.id))?.createdAt.getTime() ?? 0)
  const success_time = new Date(created - seconds * 1000).toISOString()
  await post(gateway, paidNotice(gateway, order, { payment: { success_time } }))
  expect(await read()).toMatchObject([{ status }])
})

test('an order with as many anomalies as it may have takes no more, and the notification says so', async () => {
  const { gateway, all } = await orders(1)
  const [order] = all
  if (order === undefined) throw new Error('There is no order.')
  const mismatch = { amount: { total: 77, currency: 'CNY' } }
  for (let index = 0; index < 101; index += 1)
    await post(
      gateway,
      paidNotice(gateway, order, { payment: { ...mismatch, transaction_id: `42${index}` } }),
    )
  expect((await readOrder(gateway, order.id)).anomalies).toHaveLength(100)
  const { rows } = await gateway.parts.database.inbox.list({ outcome: ['IGNORED'] }, { first: 10 })
  expect(rows).toMatchObject([
    { orderId: order.id, explanation: { en: expect.stringContaining('so many anomalies') } },
  ])
  await post(gateway, paidNotice(gateway, order, { payment: { ...mismatch, transaction_id: '420' } }))
  expect(await newest(gateway)).toMatchObject({ outcome: 'DUPLICATE' })
  await post(gateway, paidNotice(gateway, order))
  expect(await readOrder(gateway, order.id)).toMatchObject({ status: 'PAID' })
})
