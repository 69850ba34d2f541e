import { describe, expect, it } from 'vitest'
import type { NewFault } from './fault-kinds.ts'
import type { Simulator } from './simulator.ts'
import { diagnose } from './testing/diagnosis.ts'
import type { Diagnosis } from './testing/diagnosis.ts'
import { merchant, placeOrder, startSimulator, until } from './testing/merchant.ts'
import { startReceiver } from './testing/receiver.ts'
import type { Received, Receiver } from './testing/receiver.ts'

const ref = { mchId: merchant.mchId, outTradeNo: 'T20260101000001' }
const other = { mchId: merchant.mchId, outTradeNo: 'T20260101000002' }
const openid = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'

const settled = (simulator: Simulator): Promise<void> =>
  until(simulator, () => simulator.notifications().every(({ state }) => state !== 'PENDING'))

async function start(
  faults: readonly NewFault[],
  statuses: readonly number[] = [204],
): Promise<{ readonly simulator: Simulator; readonly receiver: Receiver }> {
  const receiver = await startReceiver(statuses)
  const simulator = await startSimulator({ notifyTimeFactor: 0.001 })
  for (const fault of faults) simulator.faults.add(fault)
  for (const { outTradeNo } of [ref, other]) {
    await placeOrder(simulator, { out_trade_no: outTradeNo, notify_url: receiver.url })
  }
  return { simulator, receiver }
}

/** Pays under one fault, with a merchant who refuses the first delivery: what was wrong, and the one after. */
async function strike(fault: NewFault) {
  const { simulator, receiver } = await start([fault], [401, 204])
  const { transactionId } = await simulator.pay(ref)
  await settled(simulator)
  const [first, second] = receiver.received
  if (!first || !second) throw new Error('two deliveries should have arrived')
  const look = (each: Received): Diagnosis => diagnose(each, simulator.platformKey, merchant.apiV3Key)
  return { simulator, receiver, transactionId, first, second, faulty: look(first), sound: look(second) }
}

type Finding = (sound: Diagnosis) => Partial<Diagnosis>

const resourceWith =
  (change: Readonly<Record<string, unknown>>): Finding =>
  ({ resource }) => ({ resource: { ...(resource as object), ...change } })
const amount = { currency: 'CNY', payer_currency: 'CNY', payer_total: 1 }

const findings: readonly (readonly [NewFault, Finding])[] = [
  [{ kind: 'corrupt' }, () => ({ signature: 'bad', resource: 'not decryptable' })],
  [{ kind: 'stale-clock' }, () => ({ clock: -600 })],
  [{ kind: 'stale-clock', seconds: 3600 }, () => ({ clock: 3600 })],
  [{ kind: 'probe' }, () => ({ signature: 'probe' })],
  [{ kind: 'wrong-amount' }, resourceWith({ amount: { ...amount, total: 2 } })],
  [{ kind: 'wrong-amount', total: 100 }, resourceWith({ amount: { ...amount, total: 100 } })],
  [{ kind: 'wrong-payee' }, resourceWith({ mchid: '1900000100' })],
  [{ kind: 'wrong-payee', field: 'appid' }, resourceWith({ appid: 'wxd678efh567hg6780' })],
  [{ kind: 'wrong-payee', field: 'sp_mchid' }, resourceWith({ sp_mchid: '1900000100' })],
  [{ kind: 'wrong-payee', field: 'sub_appid' }, resourceWith({ sub_appid: 'wxd678efh567hg6780' })],
  [{ kind: 'wrong-state' }, resourceWith({ trade_state: 'NOTPAY' })],
  [{ kind: 'wrong-state', tradeState: 'REFUND' }, resourceWith({ trade_state: 'REFUND' })],
  [{ kind: 'wrong-key' }, () => ({ signature: 'bad' })],
  [{ kind: 'unknown-serial' }, () => ({ serial: 'unknown' })],
  [{ kind: 'wrong-apiv3-key' }, () => ({ resource: 'not decryptable' })],
  [{ kind: 'malformed' }, resourceWith({ amount: '1 CNY' })],
  [{ kind: 'malformed', how: 'not-json' }, () => ({ resource: 'not JSON' })],
  [{ kind: 'malformed', how: 'no-resource' }, () => ({ resource: 'missing' })],
  [{ kind: 'unknown-event' }, () => ({ eventType: 'SIMULATOR.UNKNOWN' })],
  [{ kind: 'unknown-event', eventType: 'COUPON.USE' }, () => ({ eventType: 'COUPON.USE' })],
]

describe('a notification under a fault', () => {
  it.each(findings)('has exactly that fault, and none when it is sent again: %o', async (fault, finding) => {
    const { simulator, transactionId, faulty, sound } = await strike(fault)
    expect(sound).toMatchObject({
      clock: 0,
      serial: 'known',
      signature: 'good',
      eventType: 'TRANSACTION.SUCCESS',
      resource: { transaction_id: transactionId, mchid: merchant.mchId, amount: { ...amount, total: 1 } },
    })
    expect(faulty).toEqual({ ...sound, ...finding(sound) })
    const [struck, healed] = simulator.notifications()[0]?.attempts ?? []
    expect(struck).toMatchObject({ status: 401, fault: fault.kind })
    expect(healed).toMatchObject({ status: 204 })
    expect(healed).not.toHaveProperty('fault')
    expect(simulator.faults.list()).toEqual([])
  })

  it.each([
    ['spaces', /^\{ "id": "[^\n]* \}$/],
    ['key-order', /^\{"resource":\{"nonce":.*"id":"[^"]*"\}$/],
    ['unicode-escapes', /"summary":"\\u652f\\u4ed8\\u6210\\u529f"/],
    ['crlf', /^\{\r\n {2}"id"(?:[^\n]*\r\n)+\}$/],
    ['trailing-newline', /^\{"id".*\}\n$/],
  ] as const)('says the same in other bytes than were signed: %s', async (how, spelling) => {
    const { faulty, sound, first, second } = await strike({ kind: 'reserialise', how })
    expect(faulty).toEqual({ ...sound, signature: 'bad' })
    expect(JSON.parse(first.body)).toEqual(JSON.parse(second.body))
    expect(first.body).toMatch(spelling)
    expect(second.body).not.toMatch(spelling)
  })

  it('is sent again after a probe although the merchant took it', async () => {
    const { simulator, receiver } = await start([{ kind: 'probe' }])
    await simulator.pay(ref)
    await settled(simulator)
    expect(receiver.received).toHaveLength(2)
    expect(simulator.notifications()[0]?.attempts).toMatchObject([
      { status: 204, fault: 'probe', verdict: 'IGNORED' },
      { status: 204 },
    ])
  })
})

const envelopeOf = ({ body }: Received): Record<string, unknown> =>
  JSON.parse(body) as Record<string, unknown>
const successTimeOf = ({ resource }: Diagnosis): string =>
  (resource as { readonly success_time: string }).success_time

/** The minutes and seconds, which are the same in every time zone. */
const minutesOf = (told: Diagnosis): string => successTimeOf(told).replaceAll(/\D/g, '').slice(10, 14)

describe('a payment that succeeded before its order', () => {
  it('is told with a moment so many seconds before the order was opened', async () => {
    const { simulator, faulty, sound } = await strike({ kind: 'early-success', seconds: 600 })
    const openedAt = Date.parse(simulator.orders()[0]?.createdAt ?? '')
    expect(Date.parse(successTimeOf(faulty))).toBe(Math.floor((openedAt - 600_000) / 1000) * 1000)
    expect(faulty).toEqual({ ...sound, ...resourceWith({ success_time: successTimeOf(faulty) })(sound) })
  })
})

describe('a time in an odd spelling', () => {
  it.each([
    ['digits', /^\d{14}$/],
    ['offset-without-colon', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0800$/],
    ['milliseconds', /^[-\d]{10}T[:\d]{8}\.\d{3}\+08:00$/],
    ['utc', /^[-\d]{10}T[:\d]{8}Z$/],
  ] as const)('is the same moment: %s', async (how, spelling) => {
    const envelope = await strike({ kind: 'odd-time', how })
    expect(envelopeOf(envelope.first)['create_time']).toMatch(spelling)
    expect(envelope.faulty).toEqual(envelope.sound)
    const { faulty, sound } = await strike({ kind: 'odd-time', field: 'success_time', how })
    expect(successTimeOf(faulty)).toMatch(spelling)
    expect(minutesOf(faulty)).toBe(minutesOf(sound))
  })

  it('can be missing', async () => {
    const { first, second } = await strike({ kind: 'odd-time', how: 'missing' })
    expect([first, second].map((each) => Object.hasOwn(envelopeOf(each), 'create_time'))).toEqual([
      false,
      true,
    ])
    const { faulty } = await strike({ kind: 'odd-time', field: 'success_time', how: 'missing' })
    expect(faulty.resource).not.toHaveProperty('success_time')
  })
})

describe('a notification of another product', () => {
  it('names a service provider and its merchant instead of a merchant', async () => {
    const { faulty } = await strike({ kind: 'other-product' })
    expect(faulty).toMatchObject({
      eventType: 'TRANSACTION.SUCCESS',
      resource: { sp_mchid: merchant.mchId, sub_mchid: '1900000100', payer: { sp_openid: openid } },
    })
    expect(faulty.resource).not.toHaveProperty('mchid')
  })

  it('tells of a combined payment', async () => {
    const { faulty, transactionId } = await strike({ kind: 'other-product', product: 'combined' })
    expect(faulty).toMatchObject({
      eventType: 'TRANSACTION.SUCCESS',
      resource: {
        combine_mchid: merchant.mchId,
        combine_out_trade_no: `C${ref.outTradeNo}`,
        sub_orders: [
          {
            mchid: merchant.mchId,
            out_trade_no: ref.outTradeNo,
            transaction_id: transactionId,
            amount: { total_amount: 1, payer_amount: 1 },
          },
        ],
      },
    })
    expect(faulty.resource).not.toHaveProperty('out_trade_no')
  })

  it('tells of money that was shared', async () => {
    const { faulty, transactionId } = await strike({ kind: 'other-product', product: 'profit-sharing' })
    expect(faulty).toMatchObject({
      eventType: 'TRANSACTION.SUCCESS',
      resource: { mchid: merchant.mchId, transaction_id: transactionId, receiver: { amount: 1 } },
    })
    expect(faulty.resource).not.toHaveProperty('out_trade_no')
  })
})

describe('a notification with something of another payment', () => {
  async function payBoth(kind: 'reused-id' | 'reused-transaction', from?: string) {
    const fault = { kind, target: ref, ...(from !== undefined && { from }) } as const
    const { simulator, receiver } = await start([fault])
    const earlier = await simulator.pay(other)
    await settled(simulator)
    const later = await simulator.pay(ref)
    await settled(simulator)
    const last = receiver.received.at(-1)
    if (!last) throw new Error('nothing arrived')
    const told = diagnose(last, simulator.platformKey, merchant.apiV3Key)
    return { simulator, earlier, later, told, id: envelopeOf(last)['id'] }
  }

  it.each([undefined, other.outTradeNo])('can have its id (from %s)', async (from) => {
    const { earlier, later, told, id } = await payBoth('reused-id', from)
    expect(id).toBe(earlier.notificationId)
    expect(told).toMatchObject({
      signature: 'good',
      resource: { out_trade_no: ref.outTradeNo, transaction_id: later.transactionId },
    })
  })

  it.each([undefined, other.outTradeNo])('can have its transaction id (from %s)', async (from) => {
    const { earlier, later, told, id } = await payBoth('reused-transaction', from)
    expect(id).toBe(later.notificationId)
    expect(told).toMatchObject({
      signature: 'good',
      resource: { out_trade_no: ref.outTradeNo, transaction_id: earlier.transactionId },
    })
  })

  it.each(['reused-id', 'reused-transaction'] as const)('waits until there is one: %s', async (kind) => {
    const { simulator } = await payBoth(kind, 'T20260101000009')
    expect(simulator.faults.list()).toMatchObject([{ kind, hits: 0 }])
  })
})

describe('the type of a signature', () => {
  it.each([
    ['empty', ''],
    ['missing', undefined],
    ['sm', 'WECHATPAY2-SM2-WITH-SM3'],
  ] as const)('can be %s, and the signature good', async (how, type) => {
    const { first, second, faulty, sound } = await strike({ kind: 'signature-type', how })
    expect(first.headers['wechatpay-signature-type']).toBe(type)
    expect(second.headers['wechatpay-signature-type']).toBe('WECHATPAY2-SHA256-RSA2048')
    expect(faulty).toEqual(sound)
  })
})

describe('a notification that is lost', () => {
  it('arrives with the next attempt', async () => {
    const { simulator, receiver } = await start([{ kind: 'lose', times: 2 }])
    await simulator.pay(ref)
    await settled(simulator)
    const attempts = simulator.notifications()[0]?.attempts ?? []
    expect(attempts.map(({ fault, status, error }) => [fault, status ?? error])).toEqual([
      ['lose', 'never sent'],
      ['lose', 'never sent'],
      [undefined, 204],
    ])
    expect(receiver.received).toHaveLength(1)
  })

  it('never arrives when it is always lost, unless somebody sends it by hand', async () => {
    const { simulator, receiver } = await start([{ kind: 'lose', times: 'always', target: ref }])
    const { notificationId } = await simulator.pay(ref)
    await settled(simulator)
    expect(simulator.notifications()).toMatchObject([{ state: 'LOST', attempts: [{ fault: 'lose' }] }])
    expect(simulator.notifications()[0]).not.toHaveProperty('nextAttemptAt')
    expect(receiver.received).toHaveLength(0)
    simulator.faults.clear()
    expect(await simulator.redeliver(notificationId)).toMatchObject({ status: 204, manual: true })
    expect(simulator.notifications()).toMatchObject([{ state: 'DELIVERED' }])
  })
})

describe('a notification that is held back', () => {
  it('arrives late and freshly signed', async () => {
    const { simulator, receiver } = await start([{ kind: 'delay', ms: 300 }])
    const paidAt = Date.now()
    await simulator.pay(ref)
    await settled(simulator)
    const [attempt] = simulator.notifications()[0]?.attempts ?? []
    expect(new Date(attempt?.at ?? 0).getTime() - paidAt).toBeGreaterThanOrEqual(290)
    expect(attempt).toMatchObject({ status: 204, fault: 'delay' })
    expect(receiver.received).toHaveLength(1)
  })

  it('leaves at once when the fault is taken away', async () => {
    const { simulator } = await start([{ kind: 'delay', ms: 86_400_000 }])
    await simulator.pay(ref)
    await until(simulator, () => simulator.faults.list()[0]?.underWay === 1)
    simulator.faults.remove(simulator.faults.list()[0]?.id ?? '')
    await settled(simulator)
    expect(simulator.notifications()[0]?.attempts).toMatchObject([{ status: 204, fault: 'delay' }])
  })

  it('lets the next notification go first', async () => {
    const { simulator, receiver } = await start([{ kind: 'reorder', times: 'always' }], [500, 204])
    await simulator.pay(ref)
    await until(simulator, () => simulator.faults.list()[0]?.underWay === 1)
    await simulator.pay(other)
    await settled(simulator)
    const names = receiver.received.map((received) => {
      const { resource } = diagnose(received, simulator.platformKey, merchant.apiV3Key)
      return (resource as { out_trade_no: string }).out_trade_no
    })
    expect(names).toEqual([other.outTradeNo, other.outTradeNo, ref.outTradeNo])
    const faultOf = (index: number): string | undefined =>
      simulator.notifications()[index]?.attempts.at(-1)?.fault
    expect([faultOf(0), faultOf(1)]).toEqual(['reorder', undefined])
  })

  it('waits for the next simulator when this one closes', async () => {
    const { simulator, receiver } = await start([{ kind: 'reorder' }])
    await simulator.pay(ref)
    await until(simulator, () => simulator.faults.list()[0]?.underWay === 1)
    await simulator.close()
    expect(simulator.notifications()).toMatchObject([{ state: 'PENDING', attempts: [] }])
    expect(receiver.received).toHaveLength(0)
  })
})

describe('a notification that is duplicated', () => {
  it('arrives several times at once, which counts as one try', async () => {
    const { simulator, receiver } = await start([{ kind: 'duplicate', copies: 3 }], [500, 500, 500, 204])
    await simulator.pay(ref)
    await settled(simulator)
    const { received } = receiver
    expect(received).toHaveLength(4)
    expect(new Set(received.map(({ body }) => body)).size).toBe(1)
    expect(new Set(received.map(({ headers }) => headers['wechatpay-nonce'])).size).toBe(4)
    const [notification] = simulator.notifications()
    expect(notification).toMatchObject({ state: 'DELIVERED', scheduledTries: 2 })
    expect(notification?.attempts.map(({ fault }) => fault)).toEqual([
      'duplicate',
      'duplicate',
      'duplicate',
      undefined,
    ])
  })

  it('is delivered as soon as one copy is taken', async () => {
    const { simulator, receiver } = await start([{ kind: 'duplicate' }], [204, 500])
    await simulator.pay(ref)
    await settled(simulator)
    expect(receiver.received).toHaveLength(2)
    expect(simulator.notifications()).toMatchObject([{ state: 'DELIVERED', scheduledTries: 1 }])
  })
})
