import { describe, expect, it } from 'vitest'
import { throwAwayKeys } from './testing/account.ts'
import { envelopeOf, noticeOf, PAYMENT, seal, signedNotice, withHeader } from './testing/notice.ts'
import { read, reasonOf } from './testing/reading.ts'

const whole = noticeOf(PAYMENT)

describe('a notification with a flaw in its headers', () => {
  const names = ['Wechatpay-Timestamp', 'Wechatpay-Nonce', 'Wechatpay-Serial', 'Wechatpay-Signature']

  it.each(names)('is malformed without %s', async (name) => {
    const headers = whole.headers.filter(([sent]) => sent !== name)
    await expect(reasonOf({ ...whole, headers }, 'MALFORMED')).resolves.toBe(`The header ${name} is missing.`)
  })

  it.each(names)('is malformed with an empty %s', async (name) => {
    await expect(reasonOf(withHeader(whole, name, ''), 'MALFORMED')).resolves.toContain(name)
  })

  it.each([...names, 'Wechatpay-Signature-Type'])('is malformed with two of %s', async (name) => {
    const again = whole.headers
      .filter(([sent]) => sent === name)
      .map(([, value]) => [name.toLowerCase(), value] as const)
    const reason = await reasonOf({ ...whole, headers: [...whole.headers, ...again] }, 'MALFORMED')
    expect(reason).toBe(`The header ${name} was sent 2 times; it must be sent once.`)
  })

  it.each(['1e9', '0x10', '-1', '1767196800.0', ' 1767196800', '１７６７', '9'.repeat(16)])(
    'is malformed with the timestamp %j',
    async (timestamp) => {
      await reasonOf(withHeader(whole, 'Wechatpay-Timestamp', timestamp), 'MALFORMED')
    },
  )

  it('is refused when it was signed by another scheme', async () => {
    const other = withHeader(whole, 'Wechatpay-Signature-Type', 'WECHATPAY2-SM2-WITH-SM3')
    await expect(reasonOf(other, 'UNKNOWN_KEY')).resolves.toContain('WECHATPAY2-SM2-WITH-SM3')
  })

  it('is refused when nobody knows its key, and the name is quoted harmlessly', async () => {
    await expect(
      reasonOf(withHeader(whole, 'Wechatpay-Serial', '<b>"PUB_KEY_ID_2"'), 'UNKNOWN_KEY'),
    ).resolves.toBe('No platform key goes by the Wechatpay-Serial ?b??PUB_KEY_ID_2?.')
  })

  it('is no key of the object that holds the keys', async () => {
    await reasonOf(withHeader(whole, 'Wechatpay-Serial', 'constructor'), 'UNKNOWN_KEY')
  })
})

describe('the clock', () => {
  const body = JSON.stringify(envelopeOf(seal(JSON.stringify(PAYMENT))))

  it.each([-299, 0, 299])('accepts a timestamp %i s from now', async (secondsFromNow) => {
    await expect(read(signedNotice(body, { secondsFromNow }))).resolves.toMatchObject({ verdict: 'VERIFIED' })
  })

  it.each([
    [-300, '300 s behind'],
    [300, '300 s ahead of'],
    [-86_400, '86400 s behind'],
  ])('refuses a timestamp %i s from now', async (secondsFromNow, words) => {
    const reason = await reasonOf(signedNotice(body, { secondsFromNow }), 'STALE_TIMESTAMP')
    expect(reason).toContain(words)
  })
})

describe('a signature', () => {
  it('that is a probe is called a probe', async () => {
    const probe = `WECHATPAY/SIGNTEST/${'A'.repeat(325)}`
    await reasonOf(withHeader(whole, 'Wechatpay-Signature', probe), 'PROBE')
  })

  it('by another key is refused', async () => {
    const { privateKey } = throwAwayKeys()
    await reasonOf(signedNotice(whole.body.toString(), { privateKey }), 'BAD_SIGNATURE')
  })

  it('over another body is refused', async () => {
    const body = Buffer.from(whole.body.toString().replace('1111', '1112'))
    await reasonOf({ ...whole, body }, 'BAD_SIGNATURE')
  })

  it('over another nonce is refused', async () => {
    await reasonOf(withHeader(whole, 'Wechatpay-Nonce', 'another'), 'BAD_SIGNATURE')
  })

  it.each([
    ['junk behind it', (good: string) => `${good} `],
    ['a line break within', (good: string) => `${good.slice(0, 64)}\n${good.slice(64)}`],
    ['the alphabet for addresses', (good: string) => good.replaceAll('+', '-').replaceAll('/', '_')],
    ['no padding', (good: string) => good.replaceAll('=', '')],
    ['no sense', () => 'not base64 at all'],
  ])('is not decoded leniently: %s', async (_name, spoil) => {
    const good = whole.headers.find(([name]) => name === 'Wechatpay-Signature')?.[1] ?? ''
    expect(spoil(good)).not.toBe(good)
    await reasonOf(withHeader(whole, 'Wechatpay-Signature', spoil(good)), 'BAD_SIGNATURE')
  })
})

describe('what is known of the signature of a refused notification', () => {
  const text = whole.body.toString()
  const { privateKey } = throwAwayKeys()
  const unknownKey = { serial: 'PUB_KEY_ID_0404' }
  const stale = { secondsFromNow: -300 }
  it.each([
    ['absent', 'MALFORMED', withHeader(whole, 'Wechatpay-Nonce', '')],
    ['invalid', 'MALFORMED', withHeader(whole, 'Wechatpay-Timestamp', 'now')],
    ['invalid', 'PROBE', withHeader(whole, 'Wechatpay-Signature', `WECHATPAY/SIGNTEST/${'A'.repeat(325)}`)],
    ['invalid', 'BAD_SIGNATURE', signedNotice(text, { privateKey })],
    ['invalid', 'STALE_TIMESTAMP', signedNotice(text, { ...stale, privateKey })],
    ['invalid', 'UNKNOWN_KEY', withHeader(whole, 'Wechatpay-Serial', 'a b')],
    ['invalid', 'UNKNOWN_KEY', withHeader(signedNotice(text, unknownKey), 'Wechatpay-Signature', '!')],
    [
      'invalid',
      'UNKNOWN_KEY',
      withHeader(signedNotice(text, unknownKey), 'Wechatpay-Nonce', 'n'.repeat(129)),
    ],
    ['key-unknown', 'UNKNOWN_KEY', signedNotice(text, unknownKey)],
    ['key-unknown', 'UNKNOWN_KEY', withHeader(whole, 'Wechatpay-Signature-Type', 'WECHATPAY2-SM2-WITH-SM3')],
    ['key-unknown', 'STALE_TIMESTAMP', signedNotice(text, { ...stale, ...unknownKey })],
    ['valid', 'STALE_TIMESTAMP', signedNotice(text, stale)],
    ['valid', 'STALE_TIMESTAMP', signedNotice(text, { secondsFromNow: 86_400 })],
  ])('is that it is %s: %s (%#)', async (signature, verdict, notice) => {
    await expect(read(notice)).resolves.toMatchObject({ verdict, signature })
  })
})
