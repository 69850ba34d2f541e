import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { API_V3_KEY, NOW } from './testing/account.ts'
import { envelopeOf, noticeOf, PAYMENT, seal, signedNotice, withHeader } from './testing/notice.ts'
import { signedReply, startPlatform } from './testing/platform-server.ts'
import { factOf, openAccount, read, reasonOf } from './testing/reading.ts'

const whole = noticeOf(PAYMENT)

/** The payee fields of service providers, with payees that are not this account. */
const PROVIDER_FIELDS = [
  ['sp_mchid', '1900000999'],
  ['sub_mchid', '1900000999'],
  ['sp_appid', 'wxffffffffffffffff'],
  ['sub_appid', 'wxffffffffffffffff'],
] as const

describe('a valid notification', () => {
  it('of a payment reports that the money arrived', async () => {
    await expect(read(whole)).resolves.toEqual({
      verdict: 'VERIFIED',
      notificationId: '11111111-1111-5111-8111-111111111111',
      eventType: 'TRANSACTION.SUCCESS',
      contentSha256: createHash('sha256').update(JSON.stringify(PAYMENT)).digest('hex'),
      fact: {
        kind: 'paid',
        source: 'NOTIFY',
        cause: null,
        platform: 'WECHATPAY',
        platformTradeNo: 'T20260101000001',
        transactionId: '4200000000202601010000000001',
        platformState: 'SUCCESS',
        total: 100,
        payerTotal: 90,
        currency: 'CNY',
        payerId: 'o-test-payer',
        payeeMismatch: null,
        occurredAt: NOW,
      },
    })
  })

  it('is read whatever the case of its header names, and without a signature type', async () => {
    const headers = whole.headers
      .filter(([name]) => name !== 'Wechatpay-Signature-Type')
      .map(([name, value]) => [name.toUpperCase(), value] as const)
    await expect(read({ ...whole, headers })).resolves.toMatchObject({ verdict: 'VERIFIED' })
  })

  it('may have any whitespace in its body, which is signed as sent', async () => {
    const body = JSON.stringify(envelopeOf(seal(JSON.stringify(PAYMENT))), null, 4)
    await expect(read(signedNotice(body))).resolves.toMatchObject({ verdict: 'VERIFIED' })
  })

  it.each(['', undefined, null])('may have %j for associated data', async (associatedData) => {
    const resource = { ...seal(JSON.stringify(PAYMENT), API_V3_KEY, ''), associated_data: associatedData }
    const notice = signedNotice(JSON.stringify(envelopeOf(resource)))
    await expect(read(notice)).resolves.toMatchObject({ verdict: 'VERIFIED', fact: { total: 100 } })
  })

  it('may hold fields that nobody knows yet', async () => {
    const fact = await factOf({
      ...PAYMENT,
      brand_new: { a: 1 },
      amount: { ...PAYMENT.amount, brand_new: 1 },
    })
    expect(fact).toMatchObject({ total: 100 })
  })

  it.each([
    { refund_status: '' },
    { refund_status: 'NONE' },
    { refund_id: null },
    { refund_id: '0' },
    { out_refund_no: '' },
    { combine_mchid: '' },
    { combine_mchid: PAYMENT.mchid, combine_payer_info: { openid: 'o-test-payer' } },
    { combine_out_trade_no: null, sub_orders: [] },
    { sub_orders: {}, receivers: [], out_order_no: 'P1' },
    { combine_out_trade_no: '', out_refund_no: null, receiver: { type: 'MERCHANT_ID' } },
  ])('may hold fields of other contents beside all of its own: %j', async (fields) => {
    const transaction = { ...PAYMENT, ...fields }
    const { url } = await startPlatform(signedReply(JSON.stringify(transaction)))
    const report = await openAccount({ account: { apiBaseUrl: url } }).query(PAYMENT.out_trade_no)
    const { source: _, ...fact } = (await factOf(transaction)) ?? {}
    expect(fact).toMatchObject({ kind: 'paid', total: 100 })
    expect(report).toMatchObject({ kind: 'paid', fact })
  })

  it('that lacks one of its own fields is not taken for another content by an empty one', async () => {
    const flawed = { ...PAYMENT, amount: undefined, refund_status: '', combine_mchid: null }
    await expect(reasonOf(noticeOf(flawed), 'UNREADABLE')).resolves.toContain('amount')
  })

  it('counts in CNY and leaves open what the payer paid when the platform does not say', async () => {
    await expect(factOf({ ...PAYMENT, amount: { total: 100 } })).resolves.toMatchObject({
      currency: 'CNY',
      payerTotal: null,
    })
  })
})

describe('a field that nothing depends on', () => {
  const sealed = seal(JSON.stringify(PAYMENT))
  const changed = (fields: object) => signedNotice(JSON.stringify({ ...envelopeOf(sealed), ...fields }))

  it.each(['20180225112233', '2018-02-25T11:22:33+0800', 'soon', '', 1767196801, null, undefined, {}])(
    'refuses no notification: create_time %j',
    async (create_time) => {
      await expect(read(changed({ create_time }))).resolves.toMatchObject({ fact: { total: 100 } })
    },
  )

  it.each([
    { resource_type: undefined },
    { resource_type: 7 },
    { summary: undefined },
    { summary: ['支付成功'] },
    { resource: { ...sealed, original_type: undefined } },
    { resource: { ...sealed, original_type: 7 } },
  ])('refuses no notification: %j', async (fields) => {
    await expect(read(changed(fields))).resolves.toMatchObject({ fact: { total: 100 } })
  })

  it.each([
    { trade_type: 7 },
    { trade_state_desc: null },
    { bank_type: { code: 'OTHERS' } },
    { attach: 7 },
    { promotion_detail: 'none' },
    { scene_info: 7 },
    { payer: null },
    { payer: 'o-test-payer' },
    { payer: { openid: 7 } },
    { amount: { total: 100, payer_currency: 7 } },
  ])('refuses no payment: %j', async (fields) => {
    await expect(factOf({ ...PAYMENT, ...fields })).resolves.toMatchObject({ kind: 'paid', total: 100 })
  })

  it.each(['90', -1, 0.5, 2 ** 31, null, {}])('is only shown: payer_total %j', async (payer_total) => {
    const amount = { ...PAYMENT.amount, payer_total }
    await expect(factOf({ ...PAYMENT, amount })).resolves.toMatchObject({ total: 100, payerTotal: null })
  })

  it('refuses no notification: an empty Wechatpay-Signature-Type', async () => {
    const reading = await read(withHeader(whole, 'Wechatpay-Signature-Type', ''))
    expect(reading).toMatchObject({ verdict: 'VERIFIED' })
  })
})

describe('the time of a payment', () => {
  it.each([
    '2026-01-01T00:00:00.000+08:00',
    '2026-01-01T00:00:00+0800',
    '2026-01-01T00:00:00+08',
    '2026-01-01T00:00:00.0+0800',
    '2026-01-01 00:00:00 +08:00',
    '2026-01-01t00:00:00+08:00',
    '2025-12-31T16:00:00z',
  ])('is read in every spelling that leaves no doubt: %s', async (success_time) => {
    await expect(factOf({ ...PAYMENT, success_time })).resolves.toMatchObject({ occurredAt: NOW })
  })

  it.each([
    '20260101000000',
    '2026-01-01T00:00:00',
    '2026-01-01',
    '2026-02-30T00:00:00+08:00',
    '2026-01-01T00:00:00+8',
    'Thu, 01 Jan 2026 00:00:00 +0800',
    1767196800,
  ])('is not guessed: %s', async (success_time) => {
    await expect(reasonOf(noticeOf({ ...PAYMENT, success_time }), 'UNREADABLE')).resolves.toContain(
      'success_time',
    )
  })
})

describe('a payment to somebody else', () => {
  it('says that the merchant is another one', async () => {
    const fact = await factOf({ ...PAYMENT, mchid: '1900000999' })
    expect(fact?.payeeMismatch).toBe(
      'The money went to merchant 1900000999; this account is merchant 1900000109.',
    )
  })

  it('says that the app is not one of the account', async () => {
    const fact = await factOf({ ...PAYMENT, appid: 'wxffffffffffffffff' })
    expect(fact?.payeeMismatch).toContain('wxffffffffffffffff')
  })

  it('is none when the app is any of the account', async () => {
    const fact = await factOf({ ...PAYMENT, appid: 'wx0000000000000002' })
    expect(fact?.payeeMismatch).toBeNull()
  })

  it.each(PROVIDER_FIELDS)('is recognised by its %s too', async (field, value) => {
    const fact = await factOf({ ...PAYMENT, [field]: value })
    expect(fact?.payeeMismatch).toContain(`${value} (as its ${field})`)
  })

  it.each(PROVIDER_FIELDS)('is none when its %s names this account, or no payee', async (field) => {
    const own = field.endsWith('mchid') ? PAYMENT.mchid : 'wx0000000000000002'
    for (const value of [own, '', null]) {
      const fact = await factOf({ ...PAYMENT, [field]: value })
      expect(fact?.payeeMismatch).toBeNull()
    }
  })

  it.each(PROVIDER_FIELDS)('cannot be read when its %s is no text', async (field) => {
    for (const value of [1900000109, [], {}, true, 'a b']) {
      await expect(reasonOf(noticeOf({ ...PAYMENT, [field]: value }), 'UNREADABLE')).resolves.toContain(field)
    }
  })

  it('cannot be read in the shape of service providers, which has other names', async () => {
    const { mchid, appid, ...others } = PAYMENT
    const provided = { ...others, sp_mchid: mchid, sp_appid: appid, sub_mchid: mchid, sub_appid: appid }
    await expect(reasonOf(noticeOf(provided), 'UNREADABLE')).resolves.toContain('mchid')
  })
})

describe('an event that is no successful payment', () => {
  const { trade_state: _1, out_trade_no: _2, ...common } = PAYMENT
  const sharing = { ...common, order_id: '3008450740201411110007820472', out_order_no: 'P1', receiver: {} }
  it.each([
    ['a combined payment', { combine_out_trade_no: 'C1', sub_orders: [{ ...PAYMENT }] }],
    ['a combined payment', { ...PAYMENT, combine_out_trade_no: 'C1' }],
    ['the result of a refund', { ...PAYMENT, out_refund_no: 'R1' }],
    ['the result of a refund', { out_trade_no: 'T1', refund_status: 'SUCCESS', amount: { refund: 1 } }],
    ['the result of a refund', { ...PAYMENT, trade_state: undefined, refund_id: '5030' }],
    ['the result of a refund', { ...PAYMENT, trade_state: '', refund_status: 'SUCCESS' }],
    ['a combined payment', { ...common, combine_mchid: PAYMENT.mchid, sub_orders: [PAYMENT] }],
    ['the result of profit sharing', { ...sharing, trade_state: null }],
    ['a transaction in the state CLOSED', { ...PAYMENT, trade_state: 'CLOSED', refund_status: '' }],
    ['a transaction in the state NOTPAY', { out_trade_no: 'T1', trade_state: 'NOTPAY', combine_mchid: '' }],
    ['the result of profit sharing', sharing],
    ['a transaction in the state CLOSED', { ...PAYMENT, trade_state: 'CLOSED' }],
  ])('is verified, and said to be %s (%#)', async (what, resource) => {
    const reading = await read(noticeOf(resource))
    expect(reading).toMatchObject({
      verdict: 'VERIFIED',
      fact: null,
      notHandled: { en: expect.stringContaining(what), zh: expect.stringMatching(/\p{Script=Han}.*。$/u) },
    })
  })

  it.each(['TRANSACTION.PAY_BACK', 'TRANSACTION.INDUSTRY_SUCCESS', 'COUPON.USE', 'transaction.success'])(
    'is recognised by its event type, whatever its content looks like: %s',
    async (eventType) => {
      for (const content of [PAYMENT, {}, null, 'paid']) {
        const reading = await read(noticeOf(content, eventType))
        expect(reading).toMatchObject({
          verdict: 'VERIFIED',
          fact: null,
          notHandled: { en: expect.stringContaining(eventType) },
        })
      }
    },
  )

  it.each([
    [PAYMENT.out_trade_no, { ...PAYMENT, trade_state: 'NOTPAY' }, 'TRANSACTION.SUCCESS'],
    [PAYMENT.out_trade_no, PAYMENT, 'TRANSACTION.PAY_BACK'],
    [PAYMENT.out_trade_no, { sub_orders: [PAYMENT], combine_out_trade_no: 'C1' }, 'TRANSACTION.SUCCESS'],
    ['T1', { out_trade_no: 'T1', out_refund_no: 'R1' }, 'REFUND.SUCCESS'],
    [null, { out_trade_no: null, combine_out_trade_no: 'C1' }, 'TRANSACTION.SUCCESS'],
    [null, 'paid', 'COUPON.USE'],
  ])('says that it names %j: %j of %s', async (platformTradeNo, content, eventType) => {
    const reading = await read(noticeOf(content, eventType))
    expect(reading).toMatchObject({ verdict: 'VERIFIED', fact: null, platformTradeNo })
  })

  it.each([
    ['REFUND.SUCCESS', 'refund'],
    ['REFUND.ABNORMAL', 'refund'],
    ['PROFITSHARING.RETURN', 'profit sharing'],
  ])('has a name where it is a common one: %s', async (eventType, what) => {
    const reading = await read(noticeOf({}, eventType))
    expect(reading).toMatchObject({ notHandled: { en: expect.stringContaining(what) } })
  })

  it.each([
    ['an array', [PAYMENT]],
    ['a number', 1],
    ['null', null],
    ['nothing that is known', { brand_new: 1 }],
    ['no number', { ...PAYMENT, out_trade_no: undefined }],
    ['no state', { ...PAYMENT, trade_state: undefined }],
  ])('is not what the event of a payment is with %s inside', async (_what, content) => {
    await reasonOf(noticeOf(content), 'UNREADABLE')
  })
})

describe('a state of a transaction', () => {
  it.each(['SUCCESS', 'REFUND', 'NOTPAY', 'USERPAYING', 'PAYERROR', 'CLOSED', 'REVOKED', 'SOMETHING_NEW'])(
    'means the same in a notification and in the answer to a query: %s',
    async (trade_state) => {
      const transaction = { ...PAYMENT, trade_state }
      const { url } = await startPlatform(signedReply(JSON.stringify(transaction)))
      const report = await openAccount({ account: { apiBaseUrl: url } }).query(PAYMENT.out_trade_no)
      const fact = await factOf(transaction)
      expect(fact?.platformState).toBe(report.kind === 'paid' ? trade_state : undefined)
    },
  )

  it('that is no text cannot be read', async () => {
    await expect(reasonOf(noticeOf({ ...PAYMENT, trade_state: 7 }), 'UNREADABLE')).resolves.toContain(
      'trade_state',
    )
  })
})

function readBody(body: unknown) {
  return read(signedNotice(JSON.stringify(body)))
}

describe('a signed notification with a flaw inside', () => {
  it.each(['', 'null', '[]', '"text"', '{', 'id=1'])('is unreadable when its body is %j', async (body) => {
    await reasonOf(signedNotice(body), 'UNREADABLE')
  })

  it.each(['id', 'event_type', 'resource'])('is unreadable without %s, and says so', async (field) => {
    const { [field]: _, ...rest } = envelopeOf(seal(JSON.stringify(PAYMENT))) as Record<string, unknown>
    await expect(reasonOf(signedNotice(JSON.stringify(rest)), 'UNREADABLE')).resolves.toContain(field)
  })

  it('is identified as far as it can be', async () => {
    const envelope = envelopeOf(seal(JSON.stringify({ ...PAYMENT, amount: null })))
    const named = {
      verdict: 'UNREADABLE',
      notificationId: envelope.id,
      eventType: 'TRANSACTION.SUCCESS',
      contentSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      platformTradeNo: PAYMENT.out_trade_no,
    }
    await expect(readBody(envelope)).resolves.toMatchObject(named)
    const unnamed = { ...named, notificationId: null, contentSha256: null }
    await expect(readBody({ ...envelope, id: 7 })).resolves.toMatchObject(unnamed)
    const bare = { ...unnamed, eventType: null }
    await expect(readBody(PAYMENT)).resolves.toMatchObject(bare)
    await expect(readBody(null)).resolves.toMatchObject({ ...bare, platformTradeNo: null })
  })

  it('is undecryptable when it was sealed with another APIv3 key, and is still identified', async () => {
    const resource = seal(JSON.stringify(PAYMENT), Buffer.alloc(32, 'x'))
    const notice = signedNotice(JSON.stringify(envelopeOf(resource)))
    await reasonOf(notice, 'UNDECRYPTABLE')
    await expect(read(notice)).resolves.toMatchObject({
      notificationId: '11111111-1111-5111-8111-111111111111',
      eventType: 'TRANSACTION.SUCCESS',
    })
  })

  it.each([
    ['another algorithm', { algorithm: 'AEAD_SM4_GCM' }],
    ['another nonce', { nonce: 'aB3dE5fG7hJ0' }],
    ['an empty nonce', { nonce: '' }],
    ['other associated data', { associated_data: 'refund' }],
    ['a ciphertext that is no Base64', { ciphertext: '***' }],
    ['a ciphertext shorter than its tag', { ciphertext: 'AAAA' }],
    ['an empty ciphertext', { ciphertext: '' }],
  ])('is undecryptable with %s', async (_name, flaw) => {
    const resource = { ...seal(JSON.stringify(PAYMENT)), ...flaw }
    await reasonOf(signedNotice(JSON.stringify(envelopeOf(resource))), 'UNDECRYPTABLE')
  })

  it('is unreadable when the decrypted text is no JSON', async () => {
    await reasonOf(signedNotice(JSON.stringify(envelopeOf(seal('hello')))), 'UNREADABLE')
  })

  it.each([
    ['mchid', { mchid: undefined }],
    ['transaction_id', { transaction_id: undefined }],
    ['out_trade_no', { out_trade_no: 7 }],
    ['trade_state', { trade_state: 7 }],
    ['success_time', { success_time: 'yesterday' }],
    ['amount.total', { amount: { total: '100' } }],
    ['amount.total', { amount: { total: 1.5 } }],
    ['amount.total', { amount: { total: -1 } }],
    ['amount.total', { amount: { total: 2 ** 53 } }],
    ['amount', { amount: undefined }],
  ])('is unreadable when the payment has a wrong %s: %j', async (field, flaw) => {
    await expect(reasonOf(noticeOf({ ...PAYMENT, ...flaw }), 'UNREADABLE')).resolves.toContain(field)
  })
})
