import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { rowsOf } from '../support/database.ts'
import { openGateway } from '../support/gateway.ts'
import { paidBody, paidNotice, post, signedNotice } from '../support/notification.ts'
import { readOrder } from '../support/orders.ts'
import { expectFail, expectUntouched, payable } from '../support/refusals.ts'

test('what cannot be decrypted is kept, and what is sealed rightly later is applied', async () => {
  const { gateway, order } = await payable()
  const envelope = { id: 'a-notification' }
  const sealedWrongly = { envelope, apiV3Key: randomBytes(16).toString('hex') }
  expectFail(gateway, await post(gateway, paidNotice(gateway, order, sealedWrongly)), 500)
  await expectUntouched(gateway, order)
  const kept = { platformNotificationId: 'a-notification', verdict: 'UNDECRYPTABLE', outcome: 'PENDING' }
  expect(await rowsOf(gateway.databaseUri, 'notifications')).toMatchObject([kept])
  expect(await rowsOf(gateway.databaseUri, 'rejectedNotifications')).toEqual([])

  expect(await post(gateway, paidNotice(gateway, order, { envelope }))).toMatchObject({ status: 204 })
  expect(await readOrder(gateway, order.id)).toMatchObject({ status: 'PAID', seq: 3 })
  // Whether the first said the same is not known, so it waits for its key.
  const applied = { verdict: 'VERIFIED', outcome: 'APPLIED', orderId: order.id, attempts: 1 }
  expect(await rowsOf(gateway.databaseUri, 'notifications')).toMatchObject([kept, applied])
})

test('what cannot be decrypted is applied from the same bytes once the key here is right', async () => {
  const { gateway, order } = await payable()
  const apiV3Key = randomBytes(16).toString('hex')
  const body = paidBody(gateway, order, { apiV3Key })
  expectFail(gateway, await post(gateway, signedNotice(gateway, body)), 500)

  const merchants = gateway.parts.merchants.map((merchant) => ({
    ...merchant,
    wechatpay: merchant.wechatpay && { ...merchant.wechatpay, apiV3Keys: [Buffer.from(apiV3Key)] as const },
  }))
  const corrected = await openGateway({ databaseUri: gateway.databaseUri, merchants })
  expect(await post(corrected, signedNotice(corrected, body))).toMatchObject({ status: 204 })
  expect(await readOrder(gateway, order.id)).toMatchObject({ status: 'PAID', seq: 3 })
  const [row, ...others] = await rowsOf(gateway.databaseUri, 'notifications')
  expect([row, others]).toMatchObject([{ verdict: 'VERIFIED', outcome: 'APPLIED', attempts: 2 }, []])
})
