import { describe, expect, it } from 'vitest'
import { merchantKeys, NOW, throwAwayKeys } from './testing/account.ts'
import { PAYMENT, platformSignature } from './testing/notice.ts'
import type { Reply } from './testing/platform-server.ts'
import { errorReply, signedReply, startPlatform } from './testing/platform-server.ts'
import { attributesOf } from './testing/prepaying.ts'
import { openAccount } from './testing/reading.ts'
import { createPublicKey, verify } from 'node:crypto'

const NO = 'T20260101000001'
const UNPAID = { mchid: '1900000109', appid: 'wxd678efh567hg6787', out_trade_no: NO, amount: { total: 100 } }

const OTHER_PAYEES = [
  ['mchid', '1900000999'],
  ['sp_mchid', '1900000999'],
  ['sub_mchid', '1900000999'],
  ['appid', 'wxffffffffffffffff'],
  ['sp_appid', 'wxffffffffffffffff'],
  ['sub_appid', 'wxffffffffffffffff'],
] as const

async function query(reply: Reply, tradeNo = NO) {
  const { url, seen } = await startPlatform(reply)
  const asked = openAccount({ account: { apiBaseUrl: url } }).query(tradeNo)
  return { seen, report: await asked.catch((error: unknown) => error) }
}

const answerOf = (trade: object): Reply => signedReply(JSON.stringify(trade))

describe('a query', () => {
  it('asks for the number of the merchant, and is signed over exactly what is sent', async () => {
    const { seen } = await query(answerOf(PAYMENT))
    const [request] = seen
    const path = `/v3/pay/transactions/out-trade-no/${NO}?mchid=1900000109`
    expect(request).toMatchObject({ method: 'GET', path, body: '' })
    const signed = attributesOf(request)
    const message = `GET\n${path}\n${signed['timestamp']}\n${signed['nonce_str']}\n\n`
    const signature = Buffer.from(signed['signature'] ?? '', 'base64')
    const key = createPublicKey(merchantKeys.privateKey)
    expect(verify('sha256', Buffer.from(message), key, signature)).toBe(true)
  })

  it.each([
    ['T2026*01|02-3_4', 'T2026%2A01%7C02-3_4'],
    ['T2026/../x?y#z%', 'T2026%2F..%2Fx%3Fy%23z%25'],
  ])('percent-encodes the number %s', async (tradeNo, segment) => {
    const { seen, report } = await query(
      answerOf({ ...UNPAID, out_trade_no: tradeNo, trade_state: 'NOTPAY' }),
      tradeNo,
    )
    expect(seen[0]?.path).toBe(`/v3/pay/transactions/out-trade-no/${segment}?mchid=1900000109`)
    expect(report).toEqual({ kind: 'open', platformState: 'NOTPAY' })
  })
})

describe('the answer to a query', () => {
  it.each(['SUCCESS', 'REFUND'])('reports the payment when its state is %s', async (trade_state) => {
    const { report } = await query(answerOf({ ...PAYMENT, trade_state }))
    expect(report).toEqual({
      kind: 'paid',
      fact: {
        kind: 'paid',
        source: 'QUERY',
        cause: null,
        platform: 'WECHATPAY',
        platformTradeNo: NO,
        transactionId: '4200000000202601010000000001',
        platformState: trade_state,
        total: 100,
        payerTotal: 90,
        currency: 'CNY',
        payerId: 'o-test-payer',
        payeeMismatch: null,
        occurredAt: NOW,
      },
    })
  })

  it.each(OTHER_PAYEES)('names a payee that is not this account: another %s', async (field, value) => {
    const { report } = await query(answerOf({ ...PAYMENT, [field]: value }))
    expect(report).toMatchObject({ fact: { payeeMismatch: expect.stringContaining(value) } })
  })

  it.each(OTHER_PAYEES)('when nothing is paid and it has another %s', async (field, value) => {
    for (const [trade_state, kind] of [
      ['NOTPAY', 'open'],
      ['CLOSED', 'closed'],
    ]) {
      const { report } = await query(answerOf({ ...UNPAID, trade_state, [field]: value }))
      // The merchant may use the number with an app that is not configured here; another merchant's says nothing.
      if (field.endsWith('appid')) expect(report).toMatchObject({ kind, platformState: trade_state })
      else {
        expect(report).toMatchObject({ name: 'PaymentError', code: 'PLATFORM_UNAVAILABLE' })
        expect(String(report)).toContain("another merchant's")
      }
    }
  })

  it.each(OTHER_PAYEES)('is not used when its %s is no text', async (field) => {
    for (const trade of [PAYMENT, { ...UNPAID, trade_state: 'CLOSED' }]) {
      const { report } = await query(answerOf({ ...trade, [field]: 1900000109 }))
      expect(report).toMatchObject({ name: 'PaymentError', code: 'PLATFORM_UNAVAILABLE' })
    }
  })

  it.each([
    ['NOTPAY', 'open'],
    ['USERPAYING', 'open'],
    ['PAYERROR', 'open'],
    ['SOMETHING_NEW', 'open'],
    ['CLOSED', 'closed'],
    ['REVOKED', 'closed'],
  ])('of a payment that is %s is %s', async (trade_state, kind) => {
    const { report } = await query(answerOf({ ...UNPAID, trade_state }))
    expect(report).toEqual({ kind, platformState: trade_state })
  })

  it.each([
    [404, 'ORDER_NOT_EXIST'],
    [404, 'ORDERNOTEXIST'],
    [404, 'RESOURCE_NOT_EXISTS'],
    [404, 'NOT_FOUND'],
    [400, 'ORDER_NOT_EXIST'],
  ])('%i %s says that the payment was never opened', async (status, code) => {
    const { report, seen } = await query(errorReply(status, code))
    expect(report).toEqual({ kind: 'absent' })
    expect(seen).toHaveLength(1)
  })

  it.each([
    ['of another number', answerOf({ ...PAYMENT, out_trade_no: 'T20260101000002' }), 'another payment'],
    ['without a state', answerOf(UNPAID), 'trade_state'],
    ['without an amount', answerOf({ ...PAYMENT, amount: undefined }), 'not as documented'],
    ['that is no JSON', signedReply('<html>'), 'not a JSON object'],
    ['that is empty', signedReply(''), 'not a JSON object'],
  ])('%s is not used', async (_name, reply, words) => {
    const { report } = await query(reply)
    expect(report).toMatchObject({ name: 'PaymentError', code: 'PLATFORM_UNAVAILABLE' })
    expect(String(report)).toContain(words)
    expect(String(report)).not.toContain(PAYMENT.payer.openid)
  })
})

describe('an answer that anybody could have given', () => {
  const body = JSON.stringify(PAYMENT)
  const parts = [String(NOW.getTime() / 1000), 'fedcba9876543210FEDCBA9876543210', body] as const
  const forged = platformSignature(parts, throwAwayKeys().privateKey)

  it('429 is not repeated', async () => {
    const { report, seen } = await query(errorReply(429, 'FREQUENCY_LIMITED'))
    expect(report).toMatchObject({ name: 'PaymentError', code: 'PLATFORM_UNAVAILABLE' })
    expect(seen).toHaveLength(1)
  })

  it.each([
    ['unsigned', { status: 200, body }],
    ['signed by a stranger', signedReply(body, { 'Wechatpay-Signature': forged })],
    ['404 of a proxy', { status: 404, body: '<html>' }],
    ['500', errorReply(500, 'ORDER_NOT_EXIST')],
  ])('never counts: %s', async (_name, reply) => {
    const { report, seen } = await query(reply)
    expect(report).toMatchObject({ name: 'PaymentError', code: 'PLATFORM_UNAVAILABLE' })
    expect(seen).toHaveLength(3)
  })
})

it.each([
  [401, 'SIGN_ERROR'],
  [400, 'PARAM_ERROR'],
  [500, 'OPENID_MISMATCH'],
])('a refusal of a query that says nothing about the payment is thrown: %i %s', async (status, code) => {
  const { report } = await query(errorReply(status, code))
  expect(report).toMatchObject({ name: 'PaymentError', code: 'PLATFORM_REFUSED', platformCode: code })
})
