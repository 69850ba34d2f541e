import { describe, expect, it } from 'vitest'
import type { Reply } from './testing/platform-server.ts'
import { errorReply, signedReply, startPlatform } from './testing/platform-server.ts'
import { openAccount } from './testing/reading.ts'

const NO = 'T2026*0101|1'
const CLOSED = signedReply('')

async function close(...replies: readonly Reply[]) {
  const { url, seen } = await startPlatform(...replies)
  const closing = openAccount({ account: { apiBaseUrl: url } }).close(NO)
  return { seen, result: await closing.catch((error: unknown) => error) }
}

describe('a close call', () => {
  it('names the payment in its path and the merchant in its body', async () => {
    const { seen, result } = await close(CLOSED)
    expect(result).toBe('closed')
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({
      method: 'POST',
      path: '/v3/pay/transactions/out-trade-no/T2026%2A0101%7C1/close',
      body: '{"mchid":"1900000109"}',
    })
  })

  it.each([
    [400, 'ORDERPAID', 'paid'],
    [400, 'ORDER_PAID', 'paid'],
    [400, 'ORDER_CLOSED', 'closed'],
    [400, 'ORDERCLOSED', 'closed'],
    [404, 'ORDER_NOT_EXIST', 'absent'],
    [404, 'ORDERNOTEXIST', 'absent'],
    [404, 'RESOURCE_NOT_EXISTS', 'absent'],
    [403, 'FREQUENCY_LIMITED', 'in-doubt'],
    [400, 'FREQUENCYLIMITED', 'in-doubt'],
    [429, 'FREQUENCY_LIMITED', 'in-doubt'],
  ])('that is answered %i %s comes to: %s', async (status, code, expected) => {
    const { seen, result } = await close(errorReply(status, code))
    expect(result).toBe(expected)
    expect(seen).toHaveLength(1)
  })

  it.each([
    [403, 'RATELIMIT_EXCEEDED'],
    [400, 'RATE_LIMIT'],
    [429, 'RATELIMIT_EXCEEDED'],
  ])('that is answered %i %s says nothing of the payment: the account is limited', async (status, code) => {
    const { seen, result } = await close(errorReply(status, code))
    expect(result).toMatchObject({ code: 'PLATFORM_UNAVAILABLE', reason: 'rate-limited' })
    expect(seen).toHaveLength(1)
  })

  it.each([errorReply(400, 'USER_PAYING'), errorReply(202, 'USERPAYING'), { ...CLOSED, status: 202 }])(
    'that the platform has not finished is repeated, and stays in doubt when that does not help (%#)',
    async (reply) => {
      const { seen, result } = await close(reply)
      expect(result).toBe('in-doubt')
      expect(seen).toHaveLength(3)
    },
  )

  it.each([errorReply(500, 'SYSTEM_ERROR'), errorReply(202, 'USERPAYING'), 'hangUp'] as const)(
    'is repeated until it is answered (%#)',
    async (first) => {
      const { seen, result } = await close(first, CLOSED)
      expect(result).toBe('closed')
      expect(seen[1]?.body).toBe(seen[0]?.body)
    },
  )

  it('whose first answer was lost takes ORDER_CLOSED for the success that it is', async () => {
    const { result } = await close('hangUp', errorReply(400, 'ORDER_CLOSED'))
    expect(result).toBe('closed')
  })
})

describe('an answer that closes nothing', () => {
  const probe = signedReply('', { 'Wechatpay-Signature': `WECHATPAY/SIGNTEST/${'A'.repeat(325)}` })

  it.each([
    ['unsigned', { status: 204 }, 3],
    ['signed over another body', { ...signedReply('{}'), status: 204, body: '' }, 3],
    ['a probe', probe, 3],
    ['a signed 200', { ...CLOSED, status: 200 }, 1],
    ['500', errorReply(500, 'SYSTEM_ERROR'), 3],
    ['500 with the word for paid', errorReply(500, 'ORDERPAID'), 3],
    ['nobody listening', 'hangUp', 3],
  ] as const)('is an error, for it is not known: %s', async (_name, reply, tries) => {
    const { seen, result } = await close(reply)
    expect(result).toMatchObject({ name: 'PaymentError', code: 'PLATFORM_UNAVAILABLE' })
    expect(seen).toHaveLength(tries)
  })

  it.each([
    [401, 'SIGN_ERROR'],
    [400, 'PARAM_ERROR'],
    [403, 'NO_AUTH'],
  ])('is an error with the code of the platform: %i %s', async (status, code) => {
    const { result } = await close(errorReply(status, code))
    expect(result).toMatchObject({ name: 'PaymentError', code: 'PLATFORM_REFUSED', platformCode: code })
  })
})
