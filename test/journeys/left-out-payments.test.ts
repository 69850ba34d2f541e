import { expect, test } from 'vitest'
import { askPlatform } from '../../src/orders/ask-platform.ts'
import { createLeftOutLines } from '../../src/orders/left-out-lines.ts'
import { loseNotifications, payAtPlatform, roundPorts } from '../support/asking.ts'
import { stored } from '../support/between-calls.ts'
import { openGateway } from '../support/gateway.ts'
import { newest } from '../support/inbox.ts'
import { paidBody, paidNotice, post, signedNotice } from '../support/notification.ts'
import { payableOrder, readOrder } from '../support/orders.ts'
import { recordedLog } from '../support/recorded-log.ts'

const WRONG_AMOUNT = { total: 77, currency: 'CNY' }

/** An order with as many anomalies as it may have, and the `error` lines from then on. */
async function fullOrder() {
  const { log, lines } = recordedLog()
  const gateway = await openGateway({ log })
  const { order } = await payableOrder(gateway)
  for (let index = 0; index < 100; index += 1) {
    const payment = { amount: WRONG_AMOUNT, transaction_id: `43${index}` }
    await post(gateway, paidNotice(gateway, order, { payment }))
  }
  const before = lines.length
  const errors = () => lines.slice(before).filter(({ level }) => level === 'error')
  return { gateway, order, log, errors }
}

test('a notified payment that a full order leaves out is one error line, however often it is sent and wherever', async () => {
  const { gateway, order, log, errors } = await fullOrder()
  const { merchants, operators, tokenSecrets, now } = gateway.parts
  const body = paidBody(gateway, order, { payment: { amount: WRONG_AMOUNT, transaction_id: '4299' } })
  const send = (to = gateway) => post(to, signedNotice(gateway, body))
  for (let delivery = 0; delivery < 3; delivery += 1) expect(await send()).toMatchObject({ status: 204 })
  const same = { databaseUri: gateway.databaseUri, merchants, operators, tokenSecrets, now, log }
  expect(await send(await openGateway(same))).toMatchObject({ status: 204 })
  expect(await newest(gateway)).toMatchObject({ outcome: 'IGNORED', attempts: 4, order: { id: order.id } })
  expect(errors()).toEqual([
    {
      level: 'error',
      fields: {
        merchantId: 'acme',
        outTradeNo: order.outTradeNo,
        orderId: order.id,
        kind: 'AMOUNT_MISMATCH',
        transactionId: '4299',
        ...WRONG_AMOUNT,
      },
      message: expect.stringMatching(/has 100 anomalies .+ What to do: .+ refund the transaction .+\.$/),
    },
  ])
  expect(JSON.stringify(errors())).not.toContain('o-payer-1')
})

test('every kind of money that is not believed has its line when a full order leaves it out', async () => {
  const { gateway, order, errors } = await fullOrder()
  const { order: other } = await payableOrder(gateway)
  const reused = { transaction_id: '4203' }
  await post(gateway, paidNotice(gateway, other, { payment: reused }))
  const payments = [
    { transaction_id: '4201', mchid: '1900000000' },
    { transaction_id: '4202', success_time: '2020-01-01T00:00:00+08:00' },
    reused,
    // Known under another doubt, which says nothing of this one.
    { transaction_id: '430', mchid: '1900000000' },
  ]
  for (const payment of payments) await post(gateway, paidNotice(gateway, order, { payment }))
  expect(errors().map(({ fields }) => fields)).toMatchObject([
    { kind: 'MERCHANT_MISMATCH', transactionId: '4201' },
    { kind: 'PAID_BEFORE_ORDER', transactionId: '4202' },
    { kind: 'TRANSACTION_REUSED', transactionId: '4203' },
    { kind: 'MERCHANT_MISMATCH', transactionId: '430' },
  ])
  // What it has, and what it believes, it does not leave out.
  await post(
    gateway,
    paidNotice(gateway, order, { payment: { amount: WRONG_AMOUNT, transaction_id: '431' } }),
  )
  for (let payment = 0; payment < 2; payment += 1) await post(gateway, paidNotice(gateway, order))
  expect(await readOrder(gateway, order.id)).toMatchObject({ status: 'PAID' })
  expect(errors().slice(4)).toMatchObject([{ fields: { kind: 'DUPLICATE_PAYMENT' } }])
})

test('a payment that a query finds and a full order leaves out is one error line of each process', async () => {
  const { gateway, order, log, errors } = await fullOrder()
  loseNotifications(gateway)
  const { transactionId } = await payAtPlatform(gateway, order)
  gateway.simulator.faults.add({ kind: 'wrong-answer', total: 7, times: 'always' })
  const process = () => ({ ...roundPorts(gateway), log, leftOutLines: createLeftOutLines(log) })
  const ports = process()
  for (let query = 0; query < 3; query += 1) await askPlatform(ports, await stored(gateway, order.id))
  const line = { fields: { orderId: order.id, kind: 'AMOUNT_MISMATCH', transactionId, total: 7 } }
  expect(errors()).toMatchObject([line])
  await askPlatform(process(), await stored(gateway, order.id))
  expect(errors()).toMatchObject([line, line])
})
