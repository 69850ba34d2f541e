import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { RawNotification } from '../platform.ts'
import type { WechatpayAccount } from './account.ts'
import {
  API_V3_KEY,
  KEY_ID,
  NOW,
  platformKeys,
  recordingLog,
  testAccount,
  testDeps,
  throwAwayKeys,
} from './testing/account.ts'
import { certificatePem } from './testing/certificate.ts'
import { envelopeOf, PAYMENT, platformSignature, seal, signedNotice } from './testing/notice.ts'
import type { Reply } from './testing/platform-server.ts'
import { errorReply, signedReply, startPlatform } from './testing/platform-server.ts'
import { REQUEST } from './testing/prepaying.ts'
import { createWechatpay } from './wechatpay.ts'

const FIRST = '5E1F0A2B3C4D5E6F708192A3B4C5D6E7F8091A2B'
const SECOND = '6E1F0A2B3C4D5E6F708192A3B4C5D6E7F8091A2B'
const HOUR = 60 * 60 * 1000
const secondKeys = throwAwayKeys()

interface Listed {
  readonly serial: string
  readonly keys?: ReturnType<typeof throwAwayKeys>
  readonly listedAs?: string
  readonly validFrom?: Date
  readonly validTo?: Date
  readonly apiV3Key?: Buffer
}

async function entryOf({ serial, keys = platformKeys, listedAs = serial, apiV3Key, ...validity }: Listed) {
  const validFrom = new Date(NOW.getTime() - HOUR)
  const validTo = new Date(NOW.getTime() + 24 * HOUR)
  const pem = await certificatePem({ serial, validFrom, validTo, ...keys, ...validity })
  return { serial_no: listedAs, encrypt_certificate: seal(pem, apiV3Key, 'certificate') }
}

/** The platform's list, signed with the first keys under the first serial unless told otherwise. */
async function listOf(certificates: readonly Listed[], headers: Record<string, string> = {}): Promise<Reply> {
  const body = JSON.stringify({ data: await Promise.all(certificates.map(entryOf)) })
  return signedReply(body, { 'Wechatpay-Serial': FIRST, ...headers })
}

function notice(serial: string, keys = platformKeys): RawNotification {
  const body = JSON.stringify(envelopeOf(seal(JSON.stringify(PAYMENT))))
  return signedNotice(body, { serial, privateKey: keys.privateKey })
}

async function start(replies: readonly (Reply | Promise<Reply>)[], account: Partial<WechatpayAccount> = {}) {
  const { url, seen } = await startPlatform(
    ...(await Promise.all(replies.map((reply) => Promise.resolve(reply)))),
  )
  const log = recordingLog()
  const clock = { now: NOW }
  const platform = createWechatpay(
    testAccount({ platformKeys: [], apiBaseUrl: url, ...account }),
    testDeps({ log, now: () => clock.now }),
  )
  onTestFinished(() => platform.disconnect())
  const read = async (serial: string, keys = platformKeys) =>
    (await platform.readNotification(notice(serial, keys))).verdict
  return { platform, seen, log, clock, read }
}

describe('an account without configured keys', () => {
  it('downloads the certificates, checks them with one of them, and knows several at once', async () => {
    const { read, seen } = await start([listOf([{ serial: FIRST }, { serial: SECOND, keys: secondKeys }])])
    await expect(read(FIRST)).resolves.toBe('VERIFIED')
    await expect(read(SECOND, secondKeys)).resolves.toBe('VERIFIED')
    await expect(read(SECOND)).resolves.toBe('BAD_SIGNATURE')
    expect(seen.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /v3/certificates'])
  })

  it('opens certificates that are sealed with the newest and with an older APIv3 key', async () => {
    const newest = Buffer.alloc(32, 'n')
    const list = listOf([
      { serial: FIRST, apiV3Key: newest },
      { serial: SECOND, keys: secondKeys },
    ])
    const { read } = await start([list], { apiV3Keys: [newest, API_V3_KEY] })
    await expect(read(FIRST)).resolves.toBe('VERIFIED')
    await expect(read(SECOND, secondKeys)).resolves.toBe('VERIFIED')
  })

  it('finds a serial whatever the case of its letters', async () => {
    const { read } = await start([listOf([{ serial: FIRST }])])
    await expect(read(FIRST.toLowerCase())).resolves.toBe('VERIFIED')
  })

  it('asks once for a serial that it does not know, however many name it at the same time', async () => {
    const { read, seen } = await start([
      listOf([{ serial: FIRST }]),
      listOf([{ serial: FIRST }, { serial: SECOND, keys: secondKeys }]),
    ])
    await expect(read(FIRST)).resolves.toBe('VERIFIED')
    const verdicts = await Promise.all(Array.from({ length: 20 }, () => read(SECOND, secondKeys)))
    expect(new Set(verdicts)).toEqual(new Set(['VERIFIED']))
    expect(seen).toHaveLength(2)
  })

  it('asks for unknown serials at most once a minute', async () => {
    const { read, seen, clock } = await start([listOf([{ serial: FIRST }])])
    await read(FIRST)
    await expect(read(SECOND)).resolves.toBe('UNKNOWN_KEY')
    await expect(read('7E1F0A2B3C4D5E6F')).resolves.toBe('UNKNOWN_KEY')
    expect(seen).toHaveLength(2)
    clock.now = new Date(NOW.getTime() + 60_000)
    await expect(read(SECOND)).resolves.toBe('UNKNOWN_KEY')
    expect(seen).toHaveLength(3)
  })

  it('lets a bounded number of unknown serials wait for its answer', async () => {
    const { read, seen } = await start(['hang'])
    const waiting = Array.from({ length: 500 }, () => read(FIRST))
    await expect(read(FIRST)).resolves.toBe('UNKNOWN_KEY')
    await expect.poll(() => seen).toHaveLength(1)
    await expect(Promise.race([...waiting, Promise.resolve('waiting')])).resolves.toBe('waiting')
  })

  it('does not ask for what cannot be a certificate', async () => {
    const { read, seen } = await start([listOf([{ serial: FIRST }])])
    await read(FIRST)
    await expect(read('PUB_KEY_ID_1')).resolves.toBe('UNKNOWN_KEY')
    await expect(read('../certificates')).resolves.toBe('UNKNOWN_KEY')
    expect(seen).toHaveLength(1)
  })
})

describe('a downloaded certificate', () => {
  it('takes a new list for the only one, so that a certificate can be withdrawn', async () => {
    const newer = listOf([{ serial: SECOND, keys: secondKeys }], { 'Wechatpay-Serial': FIRST })
    const { read } = await start([listOf([{ serial: FIRST }]), newer])
    await expect(read(SECOND, secondKeys)).resolves.toBe('VERIFIED')
    await expect(read(FIRST)).resolves.toBe('UNKNOWN_KEY')
  })

  it.each([
    ['expired', { validTo: new Date(NOW.getTime() - 1000) }],
    ['not yet valid', { validFrom: new Date(NOW.getTime() + 1000) }],
  ])('does not use a certificate that is %s', async (_name, validity) => {
    const { read } = await start([
      listOf([{ serial: FIRST }, { serial: SECOND, keys: secondKeys, ...validity }]),
    ])
    await expect(read(FIRST)).resolves.toBe('VERIFIED')
    await expect(read(SECOND, secondKeys)).resolves.toBe('UNKNOWN_KEY')
  })

  it('verifies answers too', async () => {
    const prepaid = signedReply('{"prepay_id":"wx1"}', { 'Wechatpay-Serial': FIRST })
    const { platform, read } = await start([listOf([{ serial: FIRST }]), prepaid])
    await read(FIRST)
    await expect(platform.prepay(REQUEST)).resolves.toHaveProperty('prepayId', 'wx1')
  })
})

describe('a list of certificates', async () => {
  const { privateKey: stranger } = throwAwayKeys()
  const smallKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const nonce = 'fedcba9876543210FEDCBA9876543210'
  const body = JSON.stringify({ data: [await entryOf({ serial: FIRST })] })
  const forged = {
    'Wechatpay-Serial': FIRST,
    'Wechatpay-Signature': platformSignature([String(NOW.getTime() / 1000), nonce, body], stranger),
  }

  it.each([
    ['is listed under another serial', listOf([{ serial: FIRST, listedAs: SECOND }]), 'listed as'],
    [
      'was sealed with another APIv3 key',
      listOf([{ serial: FIRST, apiV3Key: Buffer.alloc(32, 1) }]),
      'cannot be decrypted',
    ],
    ['holds no RSA key', listOf([{ serial: FIRST }, { serial: SECOND, keys: smallKeys }]), 'no RSA key'],
    ['is signed by a key that is not among them', listOf([{ serial: SECOND }]), 'No platform key'],
    [
      'is signed by an expired one of them',
      listOf([{ serial: FIRST, validTo: new Date(NOW.getTime() - 1) }]),
      'No platform key',
    ],
    ['is empty', signedReply('{"data":[]}'), 'not as documented'],
    ['is unsigned', { status: 200, body }, 'is missing'],
    ['is signed by a stranger', signedReply(body, forged), 'does not fit'],
    ['does not exist', errorReply(404, 'RESOURCE_NOT_EXISTS'), 'RESOURCE_NOT_EXISTS'],
  ])('is not used when it %s', async (_name, reply, words) => {
    const { read, log } = await start([reply])
    await expect(read(FIRST)).resolves.toBe('UNKNOWN_KEY')
    const warnings = log.lines.filter(({ message }) => message === 'platform certificates not downloaded')
    expect(JSON.stringify(warnings)).toContain(words)
  })
})

describe('an account that moves to a public key', () => {
  const configured = { platformKeys: testAccount().platformKeys }

  it('does not ask for certificates as long as nobody names one', async () => {
    const { read, seen } = await start([listOf([{ serial: FIRST }])], configured)
    await expect(read(KEY_ID)).resolves.toBe('VERIFIED')
    expect(seen).toHaveLength(0)
  })

  it('accepts what is still signed with a certificate', async () => {
    const { read } = await start([listOf([{ serial: FIRST }], { 'Wechatpay-Serial': KEY_ID })], configured)
    await expect(read(FIRST)).resolves.toBe('VERIFIED')
    await expect(read(KEY_ID)).resolves.toBe('VERIFIED')
  })
})

it('certificates are downloaded again before twelve hours are over', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const newer = listOf([{ serial: FIRST }, { serial: SECOND, keys: secondKeys }])
  const { read, seen } = await start([listOf([{ serial: FIRST }]), newer])
  await expect(read(FIRST)).resolves.toBe('VERIFIED')
  vi.advanceTimersByTime(12 * HOUR - 1)
  await expect.poll(() => seen.length).toBe(2)
  await expect(read(SECOND, secondKeys)).resolves.toBe('VERIFIED')
  expect(seen).toHaveLength(2)
})

describe('closing', () => {
  it('ends a download that is under way, without a complaint', async () => {
    const { platform, seen, log, read } = await start(['hang'])
    const reading = read(FIRST)
    await expect.poll(() => seen.length).toBe(1)
    platform.disconnect()
    await expect(reading).resolves.toBe('UNKNOWN_KEY')
    expect(log.lines.map(({ message }) => message)).not.toContain('platform certificates not downloaded')
  })
})
