import { expect, test } from 'vitest'
import { reportTroubles } from '../../src/notify/round.ts'
import { roundPorts } from '../support/asking.ts'
import { databaseAt, freshDatabaseUri } from '../support/database.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { newest, startAgain } from '../support/inbox.ts'
import { paidBody, paidNotice, post, signedNotice } from '../support/notification.ts'
import { createdOrder, freshTradeNo, payableOrder } from '../support/orders.ts'
import { recordedLog } from '../support/recorded-log.ts'

const MINUTE_MS = 60_000

async function opened() {
  const { log, lines } = recordedLog()
  const gateway = await openGateway({ log })
  const errors = () => lines.filter(({ level }) => level === 'error')
  const ports = roundPorts(gateway)
  return { gateway, errors, log, report: () => reportTroubles(ports, log) }
}

/** A payment of an order that is not there, and its delivery. */
function unknownPayment(gateway: TestGateway) {
  const outTradeNo = freshTradeNo()
  const body = paidBody(gateway, { outTradeNo, amount: { total: 100, currency: 'CNY' } })
  return { outTradeNo, send: () => post(gateway, signedNotice(gateway, body)) }
}

test('money for an order that is not there is an error line once, by a delivery after ten minutes', async () => {
  const { gateway, errors, report } = await opened()
  const { outTradeNo, send } = unknownPayment(gateway)
  expect(await send()).toMatchObject({ status: 404 })
  gateway.advance(9 * MINUTE_MS)
  expect(await send()).toMatchObject({ status: 404 })
  await report()
  expect(errors()).toEqual([])
  gateway.advance(MINUTE_MS)
  for (let delivery = 0; delivery < 3; delivery += 1) expect(await send()).toMatchObject({ status: 204 })
  await report()
  const { id, platformNotificationId } = await newest(gateway)
  const fields = {
    kind: 'UNMATCHED',
    platform: 'WECHATPAY',
    merchantId: 'acme',
    outTradeNo,
    notificationId: platformNotificationId,
    id,
  }
  expect(errors()).toMatchObject([
    { fields, message: expect.stringMatching(/refund it in the merchant console\.$/) },
  ])
})

test('money for an order that is not there is an error line once, also when nothing is delivered any more', async () => {
  const { gateway, errors, report } = await opened()
  const { outTradeNo, send } = unknownPayment(gateway)
  await send()
  gateway.advance(10 * MINUTE_MS)
  await Promise.all([report(), report(), report()])
  await report()
  expect(errors()).toMatchObject([{ fields: { kind: 'UNMATCHED', outTradeNo } }])
  expect(await send()).toMatchObject({ status: 204 })
  expect(errors()).toHaveLength(1)
})

test('the gateway looks for such money by itself, one process of several reports it, and no restart again', async () => {
  const { log, lines } = recordedLog()
  const roundPauses = { orders: 3_600_000, inbox: 10 }
  const gateway = await openGateway({ log, roundPauses })
  const { databaseUri, parts } = gateway
  const { merchants, operators, tokenSecrets, now } = parts
  const same = { databaseUri, merchants, operators, tokenSecrets, now, log, roundPauses }
  await openGateway(same)
  await unknownPayment(gateway).send()
  gateway.advance(10 * MINUTE_MS)
  const errors = () => lines.filter(({ level }) => level === 'error')
  await expect.poll(errors).toHaveLength(1)
  await openGateway(same)
  const { outTradeNo, send } = unknownPayment(gateway)
  await send()
  gateway.advance(10 * MINUTE_MS)
  await expect.poll(errors).toMatchObject([{}, { fields: { outTradeNo } }])
})

test('money whose order appeared meanwhile is applied and not reported', async () => {
  const { gateway, errors, report } = await opened()
  const { outTradeNo, send } = unknownPayment(gateway)
  await send()
  await createdOrder(gateway, { outTradeNo })
  gateway.advance(10 * MINUTE_MS)
  await report()
  expect(errors()).toEqual([])
  expect(await newest(gateway)).toMatchObject({ outcome: 'APPLIED' })
})

test('what cannot be read or decrypted is an error line once, however often it is sent', async () => {
  const { gateway, errors, report } = await opened()
  const { order } = await payableOrder(gateway)
  const { outTradeNo } = order
  const bodies = [
    paidBody(gateway, order, { payment: { success_time: 'soon' } }),
    '{}',
    paidBody(gateway, order, { apiV3Key: 'x'.repeat(32) }),
  ]
  for (const body of [...bodies, ...bodies]) {
    expect(await post(gateway, signedNotice(gateway, body))).toMatchObject({ status: 500 })
  }
  gateway.advance(MINUTE_MS)
  await report()
  await startAgain(gateway)
  const to = { platform: 'WECHATPAY', merchantId: 'acme' }
  expect(errors().map(({ fields }) => fields)).toMatchObject([
    { ...to, kind: 'UNREADABLE', outTradeNo, notificationId: expect.any(String) },
    { ...to, kind: 'UNREADABLE', outTradeNo: null, notificationId: null },
    { ...to, kind: 'UNDECRYPTABLE', outTradeNo: null, notificationId: expect.any(String) },
  ])
  for (const { message } of errors()) expect(message).toMatch(/replayNotification, applies/)
})

test('a payment that could not be decrypted, and then has no order, is reported for both', async () => {
  const { gateway, errors, log } = await opened()
  const order = { outTradeNo: freshTradeNo(), amount: { total: 100, currency: 'CNY' } }
  const apiV3Key = 'x'.repeat(32)
  await post(gateway, paidNotice(gateway, order, { apiV3Key }))
  const corrected = await startAgain(gateway, () => ({ apiV3Keys: [Buffer.from(apiV3Key)] }))
  await expect.poll(() => newest(gateway)).toMatchObject({ outcome: 'UNMATCHED' })
  gateway.advance(10 * MINUTE_MS)
  const ports = roundPorts(corrected)
  for (let time = 0; time < 2; time += 1) await reportTroubles(ports, log)
  expect(errors()).toMatchObject([
    { fields: { kind: 'UNDECRYPTABLE', outTradeNo: null } },
    { fields: { kind: 'UNMATCHED', outTradeNo: order.outTradeNo } },
  ])
})

test('a line that its process died at is written by a later round, once', async () => {
  const { gateway, errors, log } = await opened()
  const { outTradeNo, send } = unknownPayment(gateway)
  await send()
  gateway.advance(10 * MINUTE_MS)
  const dying = {
    ...log,
    error() {
      throw new Error('The process was killed.')
    },
  }
  const ports = roundPorts(gateway)
  const round = (minutes: number, to = log) =>
    reportTroubles({ ...ports, clock: { stamp: async () => new Date(Date.now() + minutes * MINUTE_MS) } }, to)
  await round(0, dying)
  // It could still be at work.
  await round(0)
  expect(errors()).toEqual([])
  await round(1)
  await round(2)
  expect(errors()).toMatchObject([{ fields: { kind: 'UNMATCHED', outTradeNo } }])
})

test('a line whose taking was not answered is written by a later round, once', async () => {
  const { gateway, errors, log } = await opened()
  const { outTradeNo, send } = unknownPayment(gateway)
  await send()
  gateway.advance(10 * MINUTE_MS)
  const ports = roundPorts(gateway)
  const { inbox } = ports
  const unanswered: typeof inbox = {
    ...inbox,
    async takeReport(...given) {
      await inbox.takeReport(...given)
      throw new Error('The connection was lost.')
    },
  }
  await reportTroubles({ ...ports, inbox: unanswered }, log)
  expect(errors()).toEqual([])
  const clock = { stamp: async () => new Date(Date.now() + MINUTE_MS) }
  for (let time = 0; time < 2; time += 1) await reportTroubles({ ...ports, clock }, log)
  expect(errors()).toMatchObject([{ fields: { kind: 'UNMATCHED', outTradeNo } }])
})

async function failToNote(): Promise<never> {
  throw new Error('The database is gone.')
}

test('a note of the line that fails does not fail the delivery', async () => {
  const { log, lines } = recordedLog()
  const database = await databaseAt(freshDatabaseUri())
  const { notifications } = database
  const failing = { ...notifications, inbox: { ...notifications.inbox, noteReport: failToNote } }
  const gateway = await openGateway({ log, database: { ...database, notifications: failing } })
  const { outTradeNo, send } = unknownPayment(gateway)
  await send()
  gateway.advance(10 * MINUTE_MS)
  expect(await send()).toMatchObject({ status: 204 })
  const told = lines.filter(({ level, fields }) => level === 'error' || 'trouble' in fields)
  expect(told).toMatchObject([
    { level: 'error', fields: { kind: 'UNMATCHED', outTradeNo } },
    { level: 'warn', message: expect.stringMatching(/may be written again/) },
  ])
})
