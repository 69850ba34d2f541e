import { describe, expect, it } from 'vitest'
import type { PaymentError } from '../../domain/errors.ts'
import { errorReply, startPlatform, type Reply } from './testing/platform-server.ts'
import { PREPAID, prepayAt } from './testing/prepaying.ts'

/** Opens a payment at a platform that answers so at first, and rightly from then on. */
async function prepayAfter(reply: Reply) {
  const { url, seen } = await startPlatform(reply, PREPAID)
  const ended = await prepayAt(url).then(
    () => 'repeated' as const,
    ({ code, reason, platformCode }: PaymentError) => ({ code, reason, platformCode }),
  )
  return { ended, tries: seen.length }
}

/** The same code as pages of the platform also write it. */
function spellings(code: string): readonly string[] {
  return [...new Set([code, code.replaceAll('_', '')])]
}

function rows(table: readonly (readonly [status: number, codes: readonly string[], reason: string])[]) {
  return table.flatMap(([status, codes, reason]) =>
    codes.flatMap(spellings).map((code) => [status, code, reason] as const),
  )
}

describe('a refusal ends the call at once', () => {
  it.each(
    rows([
      [400, ['PARAM_ERROR', 'APPID_MCHID_NOT_MATCH', 'MCH_NOT_EXISTS'], 'rejected'],
      [400, ['ALREADY_EXISTS'], 'number-in-use'],
      [400, ['INVALID_REQUEST'], 'number-may-be-in-use'],
      [400, ['ORDER_CLOSED'], 'closed'],
      [400, ['ORDER_PAID', 'ORDERPAID'], 'already-paid'],
      [401, ['SIGN_ERROR'], 'rejected'],
      [403, ['NO_AUTH', 'NOT_ENOUGH', 'RULE_LIMIT', 'TRADE_ERROR', 'ACCOUNT_ERROR'], 'rejected'],
      [403, ['OUT_TRADE_NO_USED'], 'number-in-use'],
      [404, ['ORDER_NOT_EXIST', 'RESOURCE_NOT_EXISTS', 'NOT_FOUND'], 'not-found'],
      // Nothing that a proxy on the way may say is taken for the platform's word about a payment.
      [404, ['MCH_NOT_EXISTS', 'SOMETHING_NEW', '404'], 'rejected'],
      [405, ['METHOD_NOT_ALLOWED'], 'rejected'],
      [400, ['SOMETHING_NEW'], 'rejected'],
      [400, ['201'], 'number-in-use'],
      [500, ['OPENID_MISMATCH'], 'rejected'],
      [400, ['OPENID_MISMATCH'], 'rejected'],
    ]),
  )('%i %s: %s', async (status, code, reason) => {
    const { ended, tries } = await prepayAfter(errorReply(status, code))
    expect(ended).toEqual({ code: 'PLATFORM_REFUSED', reason, platformCode: code })
    expect(tries).toBe(1)
  })

  it.each([
    ['with a code', errorReply(201, 'INVALID_REQUEST', '201 商户订单号重复'), 'INVALID_REQUEST'],
    ['without one', { status: 201, body: '' }, '201'],
    ['with the signature of a success', { ...PREPAID, status: 201 }, '201'],
  ])('201 %s: number-in-use', async (_how, reply, platformCode) => {
    const { ended, tries } = await prepayAfter(reply)
    expect(ended).toEqual({ code: 'PLATFORM_REFUSED', reason: 'number-in-use', platformCode })
    expect(tries).toBe(1)
  })
})

describe('a failure of the platform is followed by the same request', () => {
  it.each(
    rows([
      [202, ['USERPAYING', 'USER_PAYING', 'ACCEPTED', 'SOMETHING_NEW'], ''],
      [400, ['USERPAYING', 'USER_PAYING'], ''],
      [500, ['SYSTEM_ERROR', 'BANK_ERROR', 'SOMETHING_NEW'], ''],
      [400, ['SYSTEM_ERROR', 'BANK_ERROR'], ''],
      [502, ['SERVICE_UNAVAILABLE'], ''],
      [503, ['SERVICE_UNAVAILABLE'], ''],
      // What a failure says about a payment is never taken for an answer.
      [500, ['ORDER_NOT_EXIST', 'ORDERPAID', 'OUT_TRADE_NO_USED', 'PARAM_ERROR'], ''],
    ]),
  )('%i %s', async (status, code) => {
    expect(await prepayAfter(errorReply(status, code))).toEqual({ ended: 'repeated', tries: 2 })
  })

  it.each([
    ['202 without a code', { status: 202 }],
    ['502 of a proxy', { status: 502, body: '<html>' }],
    ['404 of a proxy', { status: 404, body: '<html>' }],
  ])('%s', async (_name, reply) => {
    expect(await prepayAfter(reply)).toEqual({ ended: 'repeated', tries: 2 })
  })

  it.each([
    [202, 'USERPAYING', 'in-progress'],
    [500, 'SYSTEM_ERROR', 'unknown-outcome'],
  ])('three times in all: %i %s', async (status, code, reason) => {
    const { url, seen } = await startPlatform(errorReply(status, code))
    await expect(prepayAt(url)).rejects.toMatchObject({ code: 'PLATFORM_UNAVAILABLE', reason })
    expect(seen).toHaveLength(3)
  })
})

describe('a limit of calls ends the call, which is not repeated', () => {
  it.each([
    ...rows([
      [429, ['FREQUENCY_LIMITED', 'RATELIMIT_EXCEEDED', 'RATE_LIMIT_EXCEEDED', 'SOMETHING_NEW'], ''],
      [403, ['FREQUENCY_LIMITED', 'FREQUENCY_LIMIT_EXCEED', 'RATELIMIT_EXCEEDED', 'RATE_LIMIT'], ''],
      [400, ['RATELIMIT_EXCEED', 'RATE_LIMITED'], ''],
      [500, ['FREQUENCY_LIMITED'], ''],
    ]),
  ])('%i %s', async (status, code) => {
    const { ended, tries } = await prepayAfter(errorReply(status, code))
    expect(ended).toMatchObject({ code: 'PLATFORM_UNAVAILABLE', reason: 'rate-limited' })
    expect(tries).toBe(1)
  })

  it('429 of a proxy', async () => {
    const { ended, tries } = await prepayAfter({ status: 429, body: '<html>' })
    expect(ended).toMatchObject({ code: 'PLATFORM_UNAVAILABLE', reason: 'rate-limited' })
    expect(tries).toBe(1)
  })
})
