import { describe, expect, it } from 'vitest'
import { CIRCUIT_BREAKER_LIMITS } from './circuit-breaker.ts'
import { throwAwayKeys } from './testing/account.ts'
import { platformSignature, signedNotice } from './testing/notice.ts'
import {
  errorReply,
  signedReply,
  startPlatform,
  type Reply,
  type SeenRequest,
} from './testing/platform-server.ts'
import { PREPAID, REQUEST } from './testing/prepaying.ts'
import { openAccount } from './testing/reading.ts'

const CLOSED = signedReply('')
const LIMITED = errorReply(429, 'FREQUENCY_LIMITED')
const { silentCalls } = CIRCUIT_BREAKER_LIMITS

/** An account whose pauses pass when the test says so. */
async function accountAt(...replies: readonly Reply[]) {
  const { url, seen } = await startPlatform(...replies)
  const clock = { ms: 0 }
  const account = openAccount({ account: { apiBaseUrl: url }, deps: { elapsedMs: () => clock.ms } })
  return { account, seen, pass: (ms: number) => void (clock.ms += ms) }
}

function errorOf(call: Promise<unknown>): Promise<unknown> {
  return call.catch((error: unknown) => error)
}

/** After how many seconds callers may try again. */
async function waitAfter(retryAfter: string): Promise<unknown> {
  const { account } = await accountAt({ status: 429, headers: { 'Retry-After': retryAfter } })
  const error = await errorOf(account.query('T-1'))
  return Reflect.get(Object(error), 'retryAfterSeconds')
}

/** How often certificates were downloaded. */
function downloads(seen: readonly SeenRequest[]): number {
  return seen.filter(({ path }) => path === '/v3/certificates').length
}

describe('after an answer that limits calls', () => {
  it('callers get an error that says when to try again, without a call', async () => {
    const { account, seen } = await accountAt(LIMITED, PREPAID)
    expect(await errorOf(account.prepay(REQUEST))).toMatchObject({
      code: 'PLATFORM_UNAVAILABLE',
      reason: 'rate-limited',
      retryAfterSeconds: 2,
      message: expect.stringMatching(/limits the calls of this merchant .*; try again in 2 seconds\.$/),
    })
    for (const call of [account.prepay(REQUEST), account.query('T-1'), account.close('T-1')]) {
      expect(await errorOf(call)).toMatchObject({
        code: 'PLATFORM_UNAVAILABLE',
        reason: 'paused',
        message: expect.stringMatching(/limits the calls of this merchant, so .*; try again in 2 seconds\.$/),
      })
    }
    expect([seen.length, account.readiness()]).toEqual([1, 'paused'])
  })

  it('they are served again when the pause is over', async () => {
    const { account, pass } = await accountAt(LIMITED, PREPAID)
    await errorOf(account.prepay(REQUEST))
    pass(2000)
    await expect(account.prepay(REQUEST)).resolves.toHaveProperty('prepayId')
    expect(account.readiness()).toBe('ready')
  })

  it('they wait as long as the platform asks', async () => {
    expect(await waitAfter('7')).toSatisfy((seconds: number) => seconds >= 7 && seconds <= 9)
  })

  it.each(['0', '86400', '-5', 'Wed, 21 Oct 2026 07:28:00 GMT'])(
    'they wait as usual when the platform asks for what makes no sense: %s',
    async (retryAfter) => expect(await waitAfter(retryAfter)).toBe(2),
  )

  it('other accounts are called as before', async () => {
    const { account } = await accountAt(LIMITED)
    const other = await accountAt(PREPAID)
    await errorOf(account.query('T-1'))
    await expect(other.account.prepay(REQUEST)).resolves.toHaveProperty('prepayId')
  })
})

describe('an answer to a close call that', () => {
  it.each([
    [429, 'FREQUENCY_LIMITED'],
    [403, 'FREQUENCYLIMITED'],
  ])('may mean that the payer is paying pauses nothing (%i %s)', async (status, code) => {
    const { account } = await accountAt(errorReply(status, code))
    expect(await account.close('T-1')).toBe('in-doubt')
    expect(account.readiness()).toBe('ready')
  })

  it('can only mean the number of calls pauses all', async () => {
    const { account } = await accountAt(errorReply(429, 'RATELIMIT_EXCEEDED'))
    expect(await errorOf(account.close('T-1'))).toMatchObject({ reason: 'rate-limited' })
    expect(account.readiness()).toBe('paused')
  })
})

describe('after several calls in a row without a usable answer', () => {
  const forged = signedReply('{}', {
    'Wechatpay-Signature': platformSignature(['1', '2', '{}'], throwAwayKeys().privateKey),
  })

  it.each([
    ['the connection fails', 'hangUp'],
    ['the platform fails', errorReply(500, 'SYSTEM_ERROR')],
    ['the signature is wrong', forged],
    ['a proxy answers', { status: 403, body: 'Forbidden' }],
  ] as const)('no further one is sent when %s', async (_why, reply) => {
    const { account, seen } = await accountAt(reply)
    for (let calls = 0; calls < silentCalls; calls += 1) {
      expect(await errorOf(account.query('T-1'))).toMatchObject({ reason: 'unknown-outcome' })
    }
    const { length } = seen
    expect(await errorOf(account.prepay(REQUEST))).toMatchObject({
      code: 'PLATFORM_UNAVAILABLE',
      reason: 'paused',
      message: expect.stringMatching(/gave no usable answer to several calls .* was not sent; try again in/),
    })
    expect(seen).toHaveLength(length)
  })

  it.each([
    ['refuses', errorReply(401, 'SIGN_ERROR')],
    ['is at work', errorReply(202, 'USERPAYING')],
    ['does not know the payment', errorReply(404, 'ORDER_NOT_EXIST')],
    ['has closed it', errorReply(400, 'ORDER_CLOSED')],
  ])('a platform that %s has answered', async (_what, reply) => {
    const { account } = await accountAt(reply)
    for (let calls = 0; calls < 2 * silentCalls; calls += 1) await errorOf(account.query('T-1'))
    expect(account.readiness()).toBe('ready')
  })

  it('one call finds out whether it answers again', async () => {
    const failures = Array.from({ length: 3 * silentCalls }, () => 'hangUp' as const)
    const { account, pass } = await accountAt(...failures, CLOSED)
    for (let calls = 0; calls < silentCalls; calls += 1) await errorOf(account.query('T-1'))
    expect(account.readiness()).toBe('paused')
    pass(6000)
    const trial = account.close('T-1')
    expect(await errorOf(account.close('T-2'))).toMatchObject({ reason: 'paused' })
    expect(await trial).toBe('closed')
    expect(await account.close('T-2')).toBe('closed')
  })

  it('calls that were given up here are none of them', async () => {
    const { account } = await accountAt('hang')
    const asked = Array.from({ length: 2 * silentCalls }, () => errorOf(account.query('T-1')))
    account.disconnect()
    await Promise.all(asked)
    expect(account.readiness()).toBe('ready')
  })
})

describe('a download of certificates', () => {
  it('is sent although calls are paused, and a limit of it pauses nothing', async () => {
    const { url, seen } = await startPlatform(LIMITED)
    const account = openAccount({ account: { apiBaseUrl: url, platformKeys: [] } })
    await expect.poll(() => downloads(seen)).toBe(1)
    expect(account.readiness()).toBe('ready')
    await errorOf(account.query('T-1'))
    expect(account.readiness()).toBe('paused')
    await account.readNotification(signedNotice('{}', { serial: '5F1C72E2A8931B72' }))
    expect(downloads(seen)).toBe(2)
  })
})
