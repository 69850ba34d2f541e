import { expect, test } from 'vitest'
import { rowsOf } from '../support/database.ts'
import type { TestGateway } from '../support/gateway.ts'
import { newest, notifications, replay } from '../support/inbox.ts'
import { paidBody, post, seal, signedNotice } from '../support/notification.ts'
import type { OrderView } from '../support/orders.ts'
import { expectFail, expectUntouched, payable } from '../support/refusals.ts'

type BodyOf = (gateway: TestGateway, order: OrderView) => string

const paying =
  (payment: object): BodyOf =>
  (gateway, order) =>
    paidBody(gateway, order, { payment })

const inEnvelope =
  (envelope: object): BodyOf =>
  (gateway, order) =>
    paidBody(gateway, order, { envelope })

const PROVIDER = {
  mchid: undefined,
  appid: undefined,
  sp_mchid: '1900000109',
  sp_appid: 'wxacme0000000000',
  sub_mchid: '1900000999',
}

/** Bodies that the platform signed, and whether they name their order. */
const UNREADABLE: readonly (readonly [string, BodyOf, boolean])[] = [
  ['a body that is not JSON', () => 'code=SUCCESS', false],
  ['no body at all', () => '', false],
  ['JSON that is no envelope', () => '[]', false],
  ['no resource', inEnvelope({ resource: undefined }), false],
  ['no id', inEnvelope({ id: undefined }), true],
  ['no event type', inEnvelope({ event_type: undefined }), true],
  ['a time in another spelling', paying({ success_time: '20260101000000' }), true],
  ['a payment of the year 0', paying({ success_time: '0000-01-01T00:00:00+08:00' }), true],
  ['the shape of service providers', paying(PROVIDER), true],
  ['a payee that is no text', paying({ sub_mchid: 1_900_000_109 }), true],
  ['a payment without its amount', paying({ amount: 1 }), true],
  ['a total that is no whole number', paying({ amount: { total: 0.5 } }), true],
  ['a total beyond all bounds', paying({ amount: { total: 2 ** 31 } }), true],
  ['a transaction number beyond all bounds', paying({ transaction_id: '4'.repeat(65) }), true],
  [
    'a resource that is sealed and not JSON',
    (gateway, order) => {
      const text = `out_trade_no=${order.outTradeNo}`
      return paidBody(gateway, order, { envelope: { resource: seal(text, gateway.merchant.apiV3Key) } })
    },
    true,
  ],
]

test.each(UNREADABLE)(
  'a genuine notification with %s is kept, and sent again until it can be read',
  async (_what, bodyOf, namesOrder) => {
    const { gateway, order } = await payable()
    const body = bodyOf(gateway, order)
    for (let delivery = 0; delivery < 3; delivery += 1) {
      expectFail(gateway, await post(gateway, signedNotice(gateway, body)), 500)
    }
    await expectUntouched(gateway, order)
    expect(await rowsOf(gateway.databaseUri, 'rejectedNotifications')).toEqual([])
    const { nodes, totalCount } = await notifications(gateway, gateway.operatorKey)
    const [entry] = nodes
    expect(totalCount).toBe(1)
    expect(entry).toMatchObject({
      id: expect.stringMatching(/^ntf_/),
      verdict: 'UNREADABLE',
      outcome: 'PENDING',
      attempts: 3,
      rawBody: body,
      order: namesOrder ? { id: order.id } : null,
      en: expect.stringMatching(/^[A-Z].*\.$/),
      zh: expect.stringMatching(/\p{Script=Han}.*。$/u),
    })
    for (const dryRun of [true, false]) {
      const answer = await replay(gateway, entry?.id ?? '', { dryRun })
      expect(answer).toMatchObject({ changes: [], notification: { verdict: 'UNREADABLE' } })
    }
  },
)

test('what cannot be read has no id or event where these cannot be read, and each has an entry of its own', async () => {
  const { gateway } = await payable()
  for (const body of ['{}', '[]', '{"id":"an-id"}', '{}']) {
    expectFail(gateway, await post(gateway, signedNotice(gateway, body)), 500)
  }
  const { nodes } = await notifications(gateway, gateway.operatorKey)
  expect([...nodes].reverse()).toMatchObject([
    { platformNotificationId: null, eventType: null, attempts: 2, rawBody: '{}' },
    { platformNotificationId: null, eventType: null, attempts: 1, rawBody: '[]' },
    { platformNotificationId: 'an-id', eventType: null, attempts: 1 },
  ])
})

test('the same unreadable payment is one entry, also when it is encrypted anew', async () => {
  const { gateway, order } = await payable()
  const payment = { success_time: '20260101000000', transaction_id: '42000001' }
  for (let delivery = 0; delivery < 2; delivery += 1) {
    const body = paidBody(gateway, order, { payment, envelope: { id: 'the-same' } })
    expectFail(gateway, await post(gateway, signedNotice(gateway, body)), 500)
  }
  expect(await newest(gateway)).toMatchObject({ verdict: 'UNREADABLE', attempts: 2 })
})

test('a large body that cannot be read is kept whole', async () => {
  const { gateway } = await payable()
  const body = `{"brand_new":"${'x'.repeat(60_000)}"}`
  expectFail(gateway, await post(gateway, signedNotice(gateway, body)), 500)
  expect(await newest(gateway)).toMatchObject({ verdict: 'UNREADABLE', rawBody: body })
})
