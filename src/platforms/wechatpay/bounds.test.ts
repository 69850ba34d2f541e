import { describe, expect, it } from 'vitest'
import { envelopeOf, noticeOf, PAYMENT, seal, signedNotice } from './testing/notice.ts'
import { errorReply, signedReply, startPlatform } from './testing/platform-server.ts'
import { prepayAt } from './testing/prepaying.ts'
import { factOf, openAccount, read, reasonOf } from './testing/reading.ts'

const LONG = 'x'.repeat(20_000)
const { amount } = PAYMENT

/** Each field of a paid transaction that is stored, shown or compared, with a value that is just out of its bounds. */
const OUT_OF_BOUNDS: readonly (readonly [field: string, flaw: object])[] = [
  ...['mchid', 'appid', 'out_trade_no', 'transaction_id'].flatMap((field) =>
    [LONG, 'x'.repeat(65), '', 'a b', 'a\nb', 'a\u0000b', '订单'].map(
      (value) => [field, { [field]: value }] as const,
    ),
  ),
  ...[2 ** 31, 2 ** 53 - 1].map((fen) => ['amount.total', { amount: { ...amount, total: fen } }] as const),
  ...[LONG, 'C'.repeat(17), '', 'C Y', '元'].map(
    (currency) => ['amount.currency', { amount: { ...amount, currency } }] as const,
  ),
  ...[
    '0000-01-01T00:00:00+08:00',
    '1999-12-31T23:59:59Z',
    '2100-01-01T00:00:00Z',
    '9999-12-31T23:59:59-12:00',
  ].map((success_time) => ['success_time', { success_time }] as const),
]

/** The outermost values that are still within the bounds. */
const WITHIN_BOUNDS: readonly object[] = [
  { transaction_id: 'x'.repeat(64) },
  { out_trade_no: 'T-_|*@~!2026' },
  { amount: { ...amount, total: 2 ** 31 - 1, payer_total: 2 ** 31 - 1 } },
  { amount: { ...amount, payer_total: 0 } },
  { amount: { ...amount, currency: 'C'.repeat(16) } },
  { success_time: '2000-01-01T00:00:00Z' },
  { success_time: '2099-12-31T23:59:59.999Z' },
]

async function query(trade: object, tradeNo = PAYMENT.out_trade_no) {
  const { url } = await startPlatform(signedReply(JSON.stringify(trade)))
  return openAccount({ account: { apiBaseUrl: url } })
    .query(tradeNo)
    .catch((error: unknown) => error)
}

describe('a signed payment that is out of bounds', () => {
  it.each(OUT_OF_BOUNDS)('is unreadable in a notification: %s (%#)', async (field, flaw) => {
    const reason = await reasonOf(noticeOf({ ...PAYMENT, ...flaw }), 'UNREADABLE')
    expect(reason).toBe(
      `The decrypted payment is not as documented: ${field} is missing or not as documented.`,
    )
  })

  it.each(OUT_OF_BOUNDS)('is not used in the answer to a query: %s (%#)', async (_field, flaw) => {
    const report = await query({ ...PAYMENT, ...flaw })
    expect(report).toMatchObject({ name: 'PaymentError', code: 'PLATFORM_UNAVAILABLE' })
    expect(String(report).length).toBeLessThan(300)
  })

  it.each(WITHIN_BOUNDS)('is one only beyond them: %j', async (values) => {
    await expect(factOf({ ...PAYMENT, ...values })).resolves.toMatchObject({ kind: 'paid' })
    const { out_trade_no } = { ...PAYMENT, ...values }
    await expect(query({ ...PAYMENT, ...values }, out_trade_no)).resolves.toMatchObject({ kind: 'paid' })
  })
})

describe('a signed envelope that is out of bounds', () => {
  const sealed = seal(JSON.stringify(PAYMENT))
  const withField = (field: object) => signedNotice(JSON.stringify({ ...envelopeOf(sealed), ...field }))

  it.each(['id', 'event_type'])('is unreadable for its %s', async (field) => {
    for (const value of [LONG, 'x'.repeat(65), 'a b', 'a\nb', '事件']) {
      await expect(reasonOf(withField({ [field]: value }), 'UNREADABLE')).resolves.toContain(field)
    }
    const notice = withField({ [field]: 'x'.repeat(64) })
    await expect(read(notice)).resolves.toMatchObject({ verdict: 'VERIFIED' })
  })

  it.each([
    { create_time: '0000-01-01T00:00:00+08:00' },
    { summary: LONG },
    { resource_type: LONG },
    { brand_new: LONG },
    { resource: { ...sealed, original_type: LONG } },
  ])('is none for a field that nothing depends on (%#)', async (field) => {
    await expect(read(withField(field))).resolves.toMatchObject({ verdict: 'VERIFIED' })
  })

  it('is none for what else the payment says', async () => {
    const others = { attach: LONG, trade_state_desc: LONG, bank_type: LONG, payer: { openid: LONG } }
    await expect(factOf({ ...PAYMENT, ...others })).resolves.toMatchObject({ kind: 'paid' })
  })
})

describe('an answer of the platform that is out of bounds', () => {
  it.each([
    ['trade_state', LONG],
    ['trade_state', 'NOT PAY'],
    ['mchid', LONG],
  ])('is not used when nothing is paid: %s (%#)', async (field, value) => {
    const { out_trade_no, mchid } = PAYMENT
    const report = await query({ out_trade_no, mchid, trade_state: 'NOTPAY', [field]: value })
    expect(report).toMatchObject({ code: 'PLATFORM_UNAVAILABLE' })
    expect(String(report)).toContain(`${field} is missing or not as documented`)
  })

  it.each([LONG, 'x'.repeat(129), 'wx 1'])('gives no prepay_id (%#)', async (prepay_id) => {
    const { url } = await startPlatform(signedReply(JSON.stringify({ prepay_id })))
    const answer = await prepayAt(url).catch((error: unknown) => error)
    expect(answer).toMatchObject({ code: 'PLATFORM_UNAVAILABLE' })
  })

  it('refuses nothing by a code that is none', async () => {
    const { url } = await startPlatform(errorReply(400, LONG))
    const answer = await prepayAt(url).catch((error: unknown) => error)
    expect(answer).toMatchObject({ code: 'PLATFORM_UNAVAILABLE' })
    expect(String(answer).length).toBeLessThan(300)
  })
})
