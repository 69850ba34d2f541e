import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { NOW, recordingLog, testAccount, testDeps, throwAwayKeys } from './testing/account.ts'
import { platformSignature } from './testing/notice.ts'
import { errorReply, signedReply, startPlatform } from './testing/platform-server.ts'
import { attributesOf, PREPAID, prepayAt } from './testing/prepaying.ts'
import { createWechatpay } from './wechatpay.ts'

/** A port of this machine that nobody listens on. */
async function deadUrl(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => {
    server.close(resolve)
  })
  return `http://127.0.0.1:${port}`
}

describe('an answer that cannot be believed', () => {
  const { privateKey } = throwAwayKeys()
  const body = '{"prepay_id":"wx-forged"}'
  const stamp = String(NOW.getTime() / 1000)
  const stale = String(NOW.getTime() / 1000 - 300)
  const nonce = 'fedcba9876543210FEDCBA9876543210'

  it.each([
    ['unsigned', { status: 200, body }, 'is missing'],
    [
      'signed by a stranger',
      signedReply(body, { 'Wechatpay-Signature': platformSignature([stamp, nonce, body], privateKey) }),
      'does not fit',
    ],
    ['signed over another body', { ...PREPAID, body }, 'does not fit'],
    [
      'of a key that nobody knows',
      signedReply(body, { 'Wechatpay-Serial': 'PUB_KEY_ID_9' }),
      'No platform key',
    ],
    [
      'stale',
      signedReply(body, {
        'Wechatpay-Timestamp': stale,
        'Wechatpay-Signature': platformSignature([stale, nonce, body]),
      }),
      '300 s behind',
    ],
    ['with a header sent twice', signedReply(body, { 'Wechatpay-Nonce': [nonce, nonce] }), 'sent 2 times'],
    ['endless', { status: 200, body: ' '.repeat(1024 * 1024 + 1) }, 'longer than 1048576 bytes'],
    ['a redirection', { status: 307, headers: { Location: 'http://127.0.0.1:1/' } }, 'HTTP 307'],
  ])('because it is %s is asked for again, and never used', async (_name, reply, words) => {
    const { url, seen } = await startPlatform(reply)
    const error = await prepayAt(url).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'PaymentError', code: 'PLATFORM_UNAVAILABLE' })
    expect(String(error)).toContain(words)
    expect(seen).toHaveLength(3)
  })

  it('because it is a probe is asked for again, and the good one is used', async () => {
    const probe = signedReply(body, { 'Wechatpay-Signature': `WECHATPAY/SIGNTEST/${'A'.repeat(325)}` })
    const { url, seen } = await startPlatform(probe, PREPAID)
    await expect(prepayAt(url)).resolves.toHaveProperty('prepayId', 'wx201410272009395522657a690389285100')
    expect(seen).toHaveLength(2)
  })
})

describe('a call whose result is not known', () => {
  it('is repeated with the same bytes under a fresh signature', async () => {
    const { url, seen } = await startPlatform(errorReply(500, 'SYSTEM_ERROR'), 'hangUp', PREPAID)
    await expect(prepayAt(url)).resolves.toHaveProperty('prepayId')
    expect(new Set(seen.map(({ body }) => body)).size).toBe(1)
    expect(new Set(seen.map((request) => attributesOf(request)['nonce_str'])).size).toBe(3)
  })

  it.each([
    ['500 SYSTEM_ERROR', errorReply(500, 'SYSTEM_ERROR')],
    ['202', errorReply(202, 'USERPAYING')],
    ['502 of a proxy', { status: 502, body: '<html>' }],
    ['503', errorReply(503, 'SERVICE_UNAVAILABLE')],
    ['403 that is no word of the platform', { status: 403, body: 'Forbidden' }],
  ] as const)('goes to the second host after %s', async (_name, reply) => {
    const first = await startPlatform(reply)
    const second = await startPlatform(PREPAID)
    await expect(prepayAt(first.url, {}, { apiFallbackUrl: second.url })).resolves.toHaveProperty('prepayId')
    expect([first.seen.length, second.seen.length]).toEqual([1, 1])
  })

  it('goes to the second host when nobody listens at the first', async () => {
    const { url } = await startPlatform(PREPAID)
    await expect(prepayAt(await deadUrl(), {}, { apiFallbackUrl: url })).resolves.toHaveProperty('prepayId')
  })

  it('ends as unavailable when nobody listens anywhere, and says how often it was tried', async () => {
    const error = await prepayAt(await deadUrl()).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'PLATFORM_UNAVAILABLE' })
    expect(error).toHaveProperty('cause.cause.code', 'ECONNREFUSED')
    expect(String(error)).toMatch(
      /T20260101000001 in 3 tries; at last the connection failed \(ECONNREFUSED\)/,
    )
  })

  it('gives up a try after its time-out', async () => {
    const { url, seen } = await startPlatform('hang', PREPAID)
    await expect(prepayAt(url, { timeoutMs: 1000 })).resolves.toHaveProperty('prepayId')
    expect(seen).toHaveLength(2)
  })

  it('ends at the deadline of all tries', async () => {
    const { url, seen } = await startPlatform('hang')
    await expect(prepayAt(url, { deadlineMs: 1000, timeoutMs: 60_000 })).rejects.toMatchObject({
      code: 'PLATFORM_UNAVAILABLE',
    })
    expect(seen).toHaveLength(1)
  })
})

describe('a refusal', () => {
  it.each([
    [400, 'APPID_MCHID_NOT_MATCH'],
    [401, 'SIGN_ERROR'],
    [403, 'OUT_TRADE_NO_USED'],
    [404, 'ORDER_NOT_EXIST'],
  ])('%i %s ends the call at once, in the words of the platform', async (status, code) => {
    const { url, seen } = await startPlatform(errorReply(status, code, '商户号不匹配'), PREPAID)
    const error = await prepayAt(url).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'PaymentError', code: 'PLATFORM_REFUSED', platformCode: code })
    expect(String(error)).toContain(`T20260101000001: ${code}, 商户号不匹配`)
    expect(seen).toHaveLength(1)
  })
})

describe('the log', () => {
  it('has one line for each try, without secrets and personal data', async () => {
    const log = recordingLog()
    const { url } = await startPlatform(errorReply(500, 'SYSTEM_ERROR'), PREPAID)
    await prepayAt(url, { log })
    const common = { method: 'POST', path: '/v3/pay/transactions/jsapi', outTradeNo: 'T20260101000001' }
    expect(log.lines.map(({ level, details }) => ({ level, ...details }))).toMatchObject([
      { ...common, level: 'warn', outcome: 'unknown', status: 500, platformCode: 'SYSTEM_ERROR', try: 1 },
      {
        ...common,
        level: 'info',
        outcome: 'answered',
        status: 200,
        requestId: '08F78BB5AF0610D302189F99DD5C20BA56F89845-0',
        try: 2,
      },
    ])
    expect(JSON.stringify(log.lines)).not.toMatch(/o-test-payer|prepay_id|signature/)
  })
})

describe('an account that is disconnected', () => {
  it('gives up the call under way, and makes no further one', async () => {
    const { url, seen } = await startPlatform('hang')
    const account = createWechatpay(testAccount({ apiBaseUrl: url }), testDeps())
    const asked = expect(account.query('T-1')).rejects.toMatchObject({ code: 'PLATFORM_UNAVAILABLE' })
    await vi.waitFor(() => expect(seen).toHaveLength(1), { timeout: 20_000 })
    account.disconnect()
    await asked
    await expect(account.query('T-2')).rejects.toMatchObject({ code: 'PLATFORM_UNAVAILABLE' })
    expect(seen).toHaveLength(1)
  })
})
