import { sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { KEY_ID, merchantKeys, NOW, platformKeys, testAccount, throwAwayKeys } from '../testing/account.ts'
import { noticeOf, PAYMENT, platformSignature, signedNotice, withHeader } from '../testing/notice.ts'
import type { Reader } from '../testing/reading.ts'
import { explanationIn, read } from '../testing/reading.ts'
import type { RawNotification } from '../../platform.ts'

const whole = noticeOf(PAYMENT)
const body = whole.body.toString()
const secondKeys = throwAwayKeys()
const SECOND_ID = 'PUB_KEY_ID_0119000001092026010100000002'

async function explain(notice: RawNotification, reader?: Reader) {
  const reading = await read(notice, reader)
  expect(reading.verdict).toBe('BAD_SIGNATURE')
  return explanationIn(reading)
}

/** The notification with another signature. */
function sent(signature: Buffer) {
  return withHeader(whole, 'Wechatpay-Signature', signature.toString('base64'))
}

/** The notification signed over something else of its own parts. */
function signedOver(...parts: Parameters<typeof platformSignature>) {
  return withHeader(whole, 'Wechatpay-Signature', platformSignature(...parts))
}

const headerOf = (name: string) => whole.headers.find(([sent]) => sent === name)?.[1] ?? ''
const timestamp = headerOf('Wechatpay-Timestamp')
const nonce = headerOf('Wechatpay-Nonce')
const good = headerOf('Wechatpay-Signature')

describe('a signature by another key that is known here', () => {
  const twoKeys = [...testAccount().platformKeys, { id: SECOND_ID, publicKey: secondKeys.publicKey }]

  it('is of another platform key of the same account', async () => {
    const notice = signedNotice(body, { privateKey: secondKeys.privateKey })
    await expect(explain(notice, { account: { platformKeys: twoKeys } })).resolves.toEqual({
      en: `The platform key ${SECOND_ID} made this signature, although the header Wechatpay-Serial names ${KEY_ID}: it fits this very body.`,
      zh: `签名由平台密钥 ${SECOND_ID} 生成，而请求头 Wechatpay-Serial 写的是 ${KEY_ID}：它与该请求体相符。`,
    })
  })

  it("is the merchant's own, as home-made test tools make it", async () => {
    const notice = signedNotice(body, { privateKey: merchantKeys.privateKey })
    await expect(explain(notice)).resolves.toEqual({
      en: "The merchant's own private key made this signature where a key of the platform belongs, a mistake of home-made test tools: it fits this very body.",
      zh: '签名由商户自己的私钥生成，而应由平台密钥生成，这是自制测试工具的常见错误：它与该请求体相符。',
    })
  })

  it('is one of another merchant', async () => {
    const otherKeys = () => [{ merchantId: 'bravo', id: SECOND_ID, publicKey: secondKeys.publicKey }]
    const notice = signedNotice(body, { privateKey: secondKeys.privateKey })
    await expect(explain(notice, { deps: { otherKeys } })).resolves.toEqual({
      forMerchant: (await explain(notice)).forMerchant,
      en: `The platform key ${SECOND_ID} of merchant bravo made this signature, so the message came to the wrong merchant's address: it fits this very body.`,
      zh: `签名由商户 bravo 的平台密钥 ${SECOND_ID} 生成，该消息发到了另一商户的通知地址：它与该请求体相符。`,
    })
  })

  it('is explained together with a change of the body', async () => {
    const notice = signedNotice(body, { privateKey: merchantKeys.privateKey })
    const { en, zh } = await explain({ ...notice, body: Buffer.from(`${body}\n`) })
    expect(en).toMatch(
      /^The merchant's own private key .*: it fits once the line break at its end is removed/,
    )
    expect(zh).toMatch(/^签名由商户自己的私钥生成.*：去掉末尾的换行后即相符/)
  })

  it("is not looked into further when it is the merchant's: payers see its signatures on their pages", async () => {
    const notice = signedNotice(body, { privateKey: merchantKeys.privateKey })
    const { en } = await explain({ ...notice, body: Buffer.from(JSON.stringify(JSON.parse(body), null, 2)) })
    expect(en).toMatch(/^The merchant's own private key .*: it was made over something else/)
  })
})

describe('a signature by the right key, made wrongly', () => {
  const startEn = `The platform key ${KEY_ID} made this signature: `
  const startZh = `签名由平台密钥 ${KEY_ID} 生成：`
  const head = `${timestamp}\n${nonce}\n`
  const oldDigest = sign('sha1', Buffer.from(`${head}${body}\n`), platformKeys.privateKey)
  const unterminated = sign('sha256', Buffer.from(head + body), platformKeys.privateKey)

  it.each([
    [
      'nonce before timestamp',
      signedOver([nonce, timestamp, body]),
      'it was made over nonce and timestamp in the wrong order.',
      '签名时随机串与时间戳的顺序写反了。',
    ],
    [
      'no line feed at the end',
      sent(unterminated),
      'it was made without the line feed behind the body.',
      '签名时漏掉了请求体后面的换行。',
    ],
    [
      'SHA-1',
      sent(oldDigest),
      'it was made with another digest than SHA-256.',
      '签名所用的摘要算法不是 SHA-256。',
    ],
    [
      'another timestamp',
      signedOver(['1', nonce, body]),
      'it was made over something else than this timestamp, nonce and body, and no known mistake explains it.',
      '它签的不是这里的时间戳、随机串与请求体，没有已知的错误能解释。',
    ],
  ])('is recognised: %s', async (_name, notice, ...[en, zh]) => {
    await expect(explain(notice)).resolves.toEqual({ en: startEn + en, zh: startZh + zh })
  })

  it.each([
    ['the alphabet for addresses', good.replaceAll('+', '-').replaceAll('/', '_')],
    ['spaces for plus signs', good.replaceAll('+', ' ')],
    ['no padding', good.replaceAll('=', '')],
    ['white space behind it', `${good} `],
  ])('that was respelt on the way is recognised: %s', async (_name, respelt) => {
    await expect(explain(withHeader(whole, 'Wechatpay-Signature', respelt))).resolves.toEqual({
      en: `${startEn}it fits this very body, but something on the way respelt the header Wechatpay-Signature.`,
      zh: `${startZh}它与该请求体相符，但请求头 Wechatpay-Signature 在途中被改写。`,
    })
  })
})

describe('a signature that nobody here made', () => {
  it('is explained by no known mistake', async () => {
    const notice = signedNotice(body, { privateKey: throwAwayKeys().privateKey })
    await expect(explain(notice)).resolves.toEqual({
      forMerchant: {
        en: 'No known mistake explains the signature: no key of the platform for this merchant made it, so the sender is hardly WeChat Pay.',
        zh: '没有已知的错误能解释该签名：签名者不是该商户的任何平台密钥，发送方很可能不是微信支付。',
      },
      en: 'No known mistake explains the signature: none of the keys tried (2) made it, so the sender is hardly WeChat Pay.',
      zh: '没有已知的错误能解释该签名：尝试过的 2 个密钥都不是签名者，发送方很可能不是微信支付。',
    })
  })

  it.each(['AAAA', Buffer.alloc(256).toString('base64'), Buffer.alloc(256, 255).toString('base64')])(
    'may have any length and content (%#)',
    async (signature) => {
      const { en } = await explain(withHeader(whole, 'Wechatpay-Signature', signature))
      expect(en).toContain('No known mistake')
    },
  )

  it('is said to be no Base64 when it is none', async () => {
    await expect(explain(withHeader(whole, 'Wechatpay-Signature', '<b>!'))).resolves.toEqual({
      en: 'The header Wechatpay-Signature is not Base64: the sender is not WeChat Pay, or something on the way cut it.',
      zh: '请求头 Wechatpay-Signature 不是 Base64：发送方不是微信支付，或者它在途中被截断。',
    })
  })
})

it('the tests happen at a time that the signatures name', () => {
  expect(timestamp).toBe(String(NOW.getTime() / 1000))
})
