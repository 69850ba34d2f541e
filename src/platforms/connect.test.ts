import { expect, it, onTestFinished } from 'vitest'
import { connectPlatforms } from './connect.ts'
import { NOW, merchantKeys, recordingLog, throwAwayKeys } from './wechatpay/testing/account.ts'
import { envelopeOf, PAYMENT, seal, signedNotice } from './wechatpay/testing/notice.ts'
import { explanationIn } from './wechatpay/testing/reading.ts'

const keys = { acme: throwAwayKeys(), bravo: throwAwayKeys() }
const secrets = { acme: Buffer.alloc(32, 'a'), bravo: Buffer.alloc(32, 'b') }

function merchant(id: 'acme' | 'bravo') {
  return {
    id,
    name: id,
    apiKeys: [],
    wechatpay: {
      mchId: '1900000109',
      appIds: ['wxd678efh567hg6787'] satisfies [string],
      certificateSerial: '0A1B2C3D4E5F60718293A4B5C6D7E8F901234567',
      privateKey: merchantKeys.privateKey,
      apiV3Keys: [secrets[id]] satisfies [Buffer],
      platformKeys: [{ id: `PUB_KEY_ID_${id}`, publicKey: keys[id].publicKey }],
      apiBaseUrl: 'http://127.0.0.1:1',
      apiFallbackUrl: null,
    },
  }
}

function connect() {
  const log = { ...recordingLog(), debug() {}, error() {} }
  const merchants = [merchant('acme'), merchant('bravo')]
  const platforms = connectPlatforms({ merchants, publicUrl: 'https://pay.example.com', now: () => NOW, log })
  onTestFinished(() => platforms.close())
  return platforms
}

function noticeFor(id: 'acme' | 'bravo', namedAs: string) {
  const body = JSON.stringify(envelopeOf(seal(JSON.stringify(PAYMENT), secrets.bravo)))
  return signedNotice(body, { privateKey: keys[id].privateKey, serial: namedAs })
}

it('each merchant has an account of its own', async () => {
  const platforms = connect()
  const notice = noticeFor('bravo', 'PUB_KEY_ID_bravo')
  const reading = await platforms.of('bravo', 'WECHATPAY')?.readNotification(notice)
  expect(reading).toMatchObject({ verdict: 'VERIFIED' })
  expect(platforms.of('bravo', 'ALIPAY')).toBeUndefined()
  expect(platforms.of('charlie', 'WECHATPAY')).toBeUndefined()
})

it.each([
  ['is named', noticeFor('bravo', 'PUB_KEY_ID_bravo'), 'UNKNOWN_KEY', 'is one of merchant bravo'],
  ['signed', noticeFor('bravo', 'PUB_KEY_ID_acme'), 'BAD_SIGNATURE', 'of merchant bravo made this signature'],
  ['encrypted', noticeFor('acme', 'PUB_KEY_ID_acme'), 'UNDECRYPTABLE', 'of merchant bravo opens it'],
])(
  'an account refuses a message whose key is of another merchant, and says whose: it %s',
  async (_name, notice, ...[verdict, words]) => {
    const reading = await connect().of('acme', 'WECHATPAY')?.readNotification(notice)
    expect(reading?.verdict).toBe(verdict)
    if (reading !== undefined) expect(explanationIn(reading).en).toContain(words)
  },
)
