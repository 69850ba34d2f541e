import { describe, expect, it } from 'vitest'
import { KEY_ID, NOW, testAccount, throwAwayKeys } from '../testing/account.ts'
import { envelopeOf, noticeOf, PAYMENT, seal, signedNotice, withHeader } from '../testing/notice.ts'
import type { Reader } from '../testing/reading.ts'
import { explanationIn, openAccount, read } from '../testing/reading.ts'
import type { RawNotification } from '../../platform.ts'

const whole = noticeOf(PAYMENT)
const body = whole.body.toString()

async function explain(notice: RawNotification, reader?: Reader) {
  return explanationIn(await read(notice, reader))
}

describe('the explanation of a flaw in the headers', () => {
  it('names the header that is missing', async () => {
    const headers = whole.headers.filter(([name]) => name !== 'Wechatpay-Nonce')
    await expect(explain({ ...whole, headers })).resolves.toEqual({
      en: 'The header Wechatpay-Nonce is missing: the sender is not WeChat Pay, or something on the way drops headers.',
      zh: '缺少请求头 Wechatpay-Nonce：发送方不是微信支付，或者途中有组件丢弃了请求头。',
    })
  })

  it('names the header that came more than once', async () => {
    const again = whole.headers.filter(([name]) => name === 'Wechatpay-Serial')
    await expect(explain({ ...whole, headers: [...whole.headers, ...again] })).resolves.toEqual({
      en: 'The header Wechatpay-Serial came 2 times: something on the way adds it again.',
      zh: '请求头 Wechatpay-Serial 出现了 2 次：途中有组件重复添加了它。',
    })
  })

  it('sees that timestamp and nonce were swapped', async () => {
    const swapped = withHeader(
      withHeader(whole, 'Wechatpay-Timestamp', '0123456789abcdef0123456789ABCDEF'),
      'Wechatpay-Nonce',
      String(NOW.getTime() / 1000),
    )
    await expect(explain(swapped)).resolves.toEqual({
      en: "The headers Wechatpay-Timestamp and Wechatpay-Nonce hold each other's values: the sender must swap them.",
      zh: '请求头 Wechatpay-Timestamp 与 Wechatpay-Nonce 的值互换了：发送方须把两者对调。',
    })
  })

  it('says that a timestamp is none', async () => {
    const { en, zh } = await explain(withHeader(whole, 'Wechatpay-Timestamp', '2026-01-01'))
    expect(en).toBe('The header Wechatpay-Timestamp is no number of seconds: the sender is not WeChat Pay.')
    expect(zh).toBe('请求头 Wechatpay-Timestamp 不是以秒为单位的数字：发送方不是微信支付。')
  })

  it('names the signature scheme that is not spoken here', async () => {
    const { en, zh } = await explain(withHeader(whole, 'Wechatpay-Signature-Type', 'WECHATPAY2-SM2-WITH-SM3'))
    expect(en).toContain('signed by WECHATPAY2-SM2-WITH-SM3, and only WECHATPAY2-SHA256-RSA2048')
    expect(zh).toContain('WECHATPAY2-SM2-WITH-SM3')
  })

  it('says that there is nothing to do about a probe', async () => {
    const probe = withHeader(whole, 'Wechatpay-Signature', `WECHATPAY/SIGNTEST/${'A'.repeat(325)}`)
    const { en, zh } = await explain(probe)
    expect(en).toContain('nothing to do')
    expect(zh).toContain('无需处理')
  })
})

describe('the explanation of a time that is off', () => {
  it.each([
    [-300, 'signed 300 s before it arrived, too old by this machine', '到达前 300 秒签名，已过期'],
    [301, "signed 301 s ahead of ours: check this machine's clock", '超前 301 秒：请检查本机时钟'],
  ])('says how far and in which direction: %i s', async (secondsFromNow, en, zh) => {
    const explanation = await explain(signedNotice(body, { secondsFromNow }))
    expect(explanation.en).toContain(en)
    expect(explanation.zh).toContain(zh)
  })

  it.each([
    ['good', {}, 'apart from that its signature is good', '除此之外签名正确'],
    ['bad', { privateKey: throwAwayKeys().privateKey }, 'does not fit either', '此外签名也不匹配'],
    ['by an unknown key', { serial: 'PUB_KEY_ID_9' }, 'is not known here either', '也未知'],
  ])('says besides that the signature is %s', async (_name, signature, ...[en, zh]) => {
    const explanation = await explain(signedNotice(body, { secondsFromNow: -3600, ...signature }))
    expect(explanation.en).toContain(en)
    expect(explanation.zh).toContain(zh)
  })

  it('recognises milliseconds', async () => {
    const { en, zh } = await explain(withHeader(whole, 'Wechatpay-Timestamp', String(NOW.getTime())))
    expect(en).toContain('counts milliseconds where seconds belong')
    expect(zh).toContain('以毫秒计')
  })
})

describe('a callback that is read again later', () => {
  const later = { deps: { now: () => new Date(NOW.getTime() + 7 * 24 * 3600 * 1000) } }

  it('is judged by the moment at which it was received', async () => {
    const platform = openAccount(later)
    await expect(platform.readNotification(whole)).resolves.toMatchObject({ verdict: 'STALE_TIMESTAMP' })
    await expect(platform.readNotification(whole, { at: NOW })).resolves.toMatchObject({
      verdict: 'VERIFIED',
    })
    const stale = signedNotice(body, { secondsFromNow: -400 })
    const reading = await platform.readNotification(stale, { at: NOW })
    expect(reading.verdict).toBe('STALE_TIMESTAMP')
    expect(explanationIn(reading).en).toContain('signed 400 s before it arrived')
  })
})

describe('the explanation of a key that is not known', () => {
  const unknown = withHeader(whole, 'Wechatpay-Serial', 'PUB_KEY_ID_<9>')

  it('lists the keys that are known', async () => {
    await expect(explain(unknown)).resolves.toEqual({
      en: `No key named PUB_KEY_ID_?9? is known here for this merchant, and known are ${KEY_ID}: add it to platformKeys if the merchant console shows it.`,
      zh: `本网关没有该商户名为 PUB_KEY_ID_?9? 的平台密钥，已知的有 ${KEY_ID}：若商户平台上有此密钥，请加入 platformKeys。`,
    })
  })

  it('counts the rest of a long list', async () => {
    const { publicKey } = throwAwayKeys()
    const platformKeys = Array.from({ length: 8 }, (_, n) => ({ id: `PUB_KEY_ID_0${n}`, publicKey }))
    const { en, zh } = await explain(unknown, { account: { platformKeys } })
    expect(en).toContain(
      'PUB_KEY_ID_00, PUB_KEY_ID_01, PUB_KEY_ID_02, PUB_KEY_ID_03, PUB_KEY_ID_04 and 3 more:',
    )
    expect(zh).toContain('PUB_KEY_ID_04 等 3 个其他密钥：')
  })

  it('says so when there are none', async () => {
    const { en, zh } = await explain(unknown, { account: { platformKeys: [] } })
    expect(en).toContain('and none at all is')
    expect(zh).toContain('尚无任何平台密钥')
  })

  it("recognises the merchant's own certificate", async () => {
    const { certificateSerial } = testAccount()
    const { en, zh } = await explain(withHeader(whole, 'Wechatpay-Serial', certificateSerial.toLowerCase()))
    expect(en).toContain("names this merchant's own certificate")
    expect(zh).toContain('商户自己的证书')
  })

  it('recognises a key of another merchant', async () => {
    const { publicKey } = throwAwayKeys()
    const otherKeys = () => [{ merchantId: 'bravo', id: 'PUB_KEY_ID_7', publicKey }]
    const notice = withHeader(whole, 'Wechatpay-Serial', 'PUB_KEY_ID_7')
    await expect(explain(notice, { deps: { otherKeys } })).resolves.toEqual({
      forMerchant: await explain(notice),
      en: "The key PUB_KEY_ID_7 is one of merchant bravo: the message came to the wrong merchant's address.",
      zh: '密钥 PUB_KEY_ID_7 属于商户 bravo：该消息发到了另一商户的通知地址。',
    })
  })
})

/** A rightly signed notification, its resource sealed with this key. */
function sealedBy(key: Buffer, flaw = {}) {
  return signedNotice(JSON.stringify(envelopeOf({ ...seal(JSON.stringify(PAYMENT), key), ...flaw })))
}

describe('the explanation of what cannot be decrypted', () => {
  const otherKey = Buffer.alloc(32, 'x')
  it('says that the APIv3 key is wrong', async () => {
    const { en, zh } = await explain(sealedBy(otherKey))
    expect(en).toContain('the APIv3 key here is not the one that WeChat Pay encrypts with')
    expect(zh).toContain('APIv3 密钥与微信支付加密所用的不同')
  })

  it('says whose APIv3 key would open it', async () => {
    const otherSecrets = () => [
      { merchantId: 'alpha', apiV3Keys: [Buffer.alloc(32, 'y')] as const },
      { merchantId: 'bravo', apiV3Keys: [Buffer.alloc(32, 'z'), otherKey] as const },
    ]
    await expect(explain(sealedBy(otherKey), { deps: { otherSecrets } })).resolves.toEqual({
      forMerchant: await explain(sealedBy(otherKey)),
      en: 'The signature is good, and the APIv3 key of merchant bravo opens it: the keys of the two merchants were mixed up.',
      zh: '签名正确，且商户 bravo 的 APIv3 密钥可以解密：两个商户的密钥配置混淆了。',
    })
  })

  it.each([
    ['another algorithm', { algorithm: 'AEAD_SM4_GCM' }, 'encrypted by AEAD_SM4_GCM', 'AEAD_SM4_GCM'],
    ['a damaged ciphertext', { ciphertext: '***' }, 'is damaged', '已损坏'],
    ['no nonce', { nonce: '' }, 'is damaged', '已损坏'],
  ])('names %s', async (_name, flaw, ...[en, zh]) => {
    const explanation = await explain(sealedBy(otherKey, flaw))
    expect(explanation.en).toContain(en)
    expect(explanation.zh).toContain(zh)
  })
})
