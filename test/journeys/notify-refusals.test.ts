import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { Aes, Formatter, Rsa } from 'wechatpay-axios-plugin'
import { recordedLog } from '../support/recorded-log.ts'
import { expect, test } from 'vitest'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { paidBody, paidNotice, paymentOf, post, signedNotice, type Notice } from '../support/notification.ts'
import { payableOrder, readOrder, type OrderView } from '../support/orders.ts'
import {
  expectFail,
  expectNothingKept,
  expectOnlyRejected,
  expectUntouched,
  payable,
  withHeader,
} from '../support/refusals.ts'

const strangerKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const MAX_BODY_BYTES = 64 * 1024

function valueOf(notice: Notice, name: string): string {
  return notice.headers.find(([sent]) => sent === name)?.[1] ?? ''
}

/** Spaces after JSON mean nothing, and count. */
function paddedBody(gateway: TestGateway, order: OrderView, bytes: number): string {
  const body = paidBody(gateway, order)
  return body + ' '.repeat(bytes - Buffer.byteLength(body))
}

type Break = (gateway: TestGateway, order: OrderView) => Notice
const skewed =
  (secondsFromNow: number): Break =>
  (gateway, order) =>
    signedNotice(gateway, paidBody(gateway, order), { secondsFromNow })

const SIGNATURE_HEADERS = [
  'Wechatpay-Timestamp',
  'Wechatpay-Nonce',
  'Wechatpay-Serial',
  'Wechatpay-Signature',
] as const

const MALFORMED: readonly (readonly [string, Break])[] = [
  [
    'a timestamp that is no number',
    (gateway, order) => withHeader(paidNotice(gateway, order), 'Wechatpay-Timestamp', 'now'),
  ],
  ...SIGNATURE_HEADERS.map((name) => {
    const doubled: Break = (gateway, order) => {
      const notice = paidNotice(gateway, order)
      return withHeader(notice, name, valueOf(notice, name), valueOf(notice, name))
    }
    return [`${name} twice`, doubled] as const
  }),
]

test.each(MALFORMED)('a notification with %s is malformed', async (_what, build) => {
  const { gateway, order } = await payable()
  const notice = build(gateway, order)
  expectFail(gateway, await post(gateway, notice), 400)
  await expectUntouched(gateway, order)
  await expectOnlyRejected(gateway, 'MALFORMED', notice)
})

test.each(SIGNATURE_HEADERS)('a notification without %s is refused and not kept', async (name) => {
  const { gateway, order } = await payable()
  for (const values of [[], ['']]) {
    const notice = withHeader(paidNotice(gateway, order), name, ...values)
    expectFail(gateway, await post(gateway, notice), 400)
  }
  await expectUntouched(gateway, order)
  await expectNothingKept(gateway)
})

const UNBELIEVED: readonly (readonly [string, string, Break])[] = [
  [
    'names a key that nobody knows',
    'UNKNOWN_KEY',
    (gateway, order) => signedNotice(gateway, paidBody(gateway, order), { serial: 'PUB_KEY_ID_0000' }),
  ],
  [
    'is of another signature scheme',
    'UNKNOWN_KEY',
    (gateway, order) =>
      withHeader(paidNotice(gateway, order), 'Wechatpay-Signature-Type', 'WECHATPAY2-SM2-WITH-SM3'),
  ],
  [
    'is signed by a stranger in the name of the platform',
    'BAD_SIGNATURE',
    (gateway, order) => signedNotice(gateway, paidBody(gateway, order), { privateKey: strangerKey }),
  ],
  [
    'is changed by one space after it was signed',
    'BAD_SIGNATURE',
    (gateway, order) => {
      const notice = paidNotice(gateway, order)
      return { ...notice, body: `${notice.body} ` }
    },
  ],
  [
    'is a probe',
    'PROBE',
    (gateway, order) => {
      const probe = `WECHATPAY/SIGNTEST/${randomBytes(160).toString('base64')}`
      return withHeader(paidNotice(gateway, order), 'Wechatpay-Signature', probe)
    },
  ],
  ['was signed five minutes ago', 'STALE_TIMESTAMP', skewed(-300)],
  ['was signed five minutes from now', 'STALE_TIMESTAMP', skewed(300)],
]

test.each(UNBELIEVED)('a notification that %s is not believed: %s', async (_what, verdict, build) => {
  const { gateway, order } = await payable()
  const notice = build(gateway, order)
  expectFail(gateway, await post(gateway, notice), 401)
  await expectUntouched(gateway, order)
  await expectOnlyRejected(gateway, verdict, notice)
})

test.each([-299, 299])('a clock that is %i s away is near enough', async (secondsFromNow) => {
  const { gateway, order } = await payable()
  expect(await post(gateway, skewed(secondsFromNow)(gateway, order))).toMatchObject({ status: 204 })
})

test("another merchant's genuine notification is not believed at the first one's address", async () => {
  const { gateway, order } = await payable()
  const theirs = await payableOrder(gateway, { outTradeNo: order.outTradeNo }, gateway.otherMerchant.apiKey)
  const notice = paidNotice(gateway, theirs.order, { merchant: gateway.otherMerchant })
  expectFail(gateway, await post(gateway, notice, 'acme'), 401)
  await expectUntouched(gateway, order)
  await expectOnlyRejected(gateway, 'UNKNOWN_KEY', notice)
  expect(await post(gateway, notice, 'brew')).toMatchObject({ status: 204 })
  await expectUntouched(gateway, order)
})

test.each(['nobody', 'ACME', '__proto__', '%E0%A4%A'])('there is no merchant %s', async (merchantId) => {
  const { gateway, order } = await payable()
  expectFail(gateway, await post(gateway, paidNotice(gateway, order), merchantId), 404)
  await expectUntouched(gateway, order)
  await expectNothingKept(gateway)
})

test.each(['/Notify/wechatpay/v3/acme', '/notify/WeChatPay/v3/acme', '/notify/wechatpay/V3/acme'])(
  'there is no address %s',
  async (path) => {
    const { gateway, order } = await payable()
    const { headers, body } = paidNotice(gateway, order)
    const sent = { method: 'POST', headers: headers.map(([name, value]): [string, string] => [name, value]) }
    expect((await fetch(gateway.url + path, { ...sent, body })).status).toBe(404)
    await expectUntouched(gateway, order)
    await expectNothingKept(gateway)
  },
)

test('a body of 64 KiB is read, and one byte more is not', async () => {
  const { gateway, order } = await payable()
  const tooLarge = signedNotice(gateway, paddedBody(gateway, order, MAX_BODY_BYTES + 1))
  expectFail(gateway, await post(gateway, tooLarge), 413)
  const withoutLength = withHeader(tooLarge, 'Transfer-Encoding', 'chunked')
  expectFail(gateway, await post(gateway, withoutLength), 413)
  await expectUntouched(gateway, order)
  await expectNothingKept(gateway)
  const largest = signedNotice(gateway, paddedBody(gateway, order, MAX_BODY_BYTES))
  expect(await post(gateway, largest)).toMatchObject({ status: 204 })
})

test.each(['GET', 'PUT', 'DELETE'])('the address takes no %s', async (method) => {
  const { gateway, order } = await payable()
  const response = await fetch(`${gateway.url}/notify/wechatpay/v3/acme`, { method })
  expect(response.status).toBe(405)
  expect(response.headers.get('allow')).toBe('POST')
  expect(await response.text()).not.toContain('<')
  await expectUntouched(gateway, order)
})

test('a notification made with the community SDK for Node is accepted', async () => {
  const { gateway, order } = await payable()
  const { merchant } = gateway
  const nonce = Formatter.nonce(12)
  const payment = JSON.stringify(paymentOf(order, merchant, gateway.parts.now()))
  const ciphertext = Aes.AesGcm.encrypt(payment, merchant.apiV3Key, nonce, 'transaction')
  const resource = { algorithm: 'AEAD_AES_256_GCM', ciphertext, nonce, associated_data: 'transaction' }
  const body = paidBody(gateway, order, { envelope: { resource } })
  const timestamp = String(Formatter.timestamp())
  const key = Rsa.from(merchant.platformKey.privateKey, Rsa.KEY_TYPE_PRIVATE)
  const headers = [
    ['wechatpay-timestamp', timestamp],
    ['wechatpay-nonce', nonce],
    ['wechatpay-serial', merchant.platformKey.id],
    ['wechatpay-signature', Rsa.sign(Formatter.response(timestamp, nonce, body), key)],
  ] as const
  expect(await post(gateway, { headers, body })).toEqual({ status: 204, body: undefined })
  expect(await readOrder(gateway, order.id)).toMatchObject({ status: 'PAID', seq: 3 })
})

test('a stranger does not decide how long a line of the log is', async () => {
  const { log, lines } = recordedLog()
  const { url } = await openGateway({ log })
  await fetch(`${url}/notify/wechatpay/v3/${'m'.repeat(7000)}`, {
    method: 'POST',
    headers: { 'request-id': 'r'.repeat(7000) },
    body: '{}',
  })
  expect(lines).toMatchObject([{ message: 'notification', level: 'warn' }])
  expect(JSON.stringify(lines).length).toBeLessThan(1000)
})
