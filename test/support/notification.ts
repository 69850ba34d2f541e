import { createCipheriv, randomBytes, randomUUID, sign, type KeyObject } from 'node:crypto'
import { request, type IncomingMessage } from 'node:http'
import type { TestGateway } from './gateway.ts'
import type { TestMerchant } from './merchant.ts'
import type { OrderView } from './orders.ts'

/** A callback as it goes over the wire; a header that is named twice is sent twice. */
export interface Notice {
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

/** How the gateway answered a callback. */
export interface NoticeAnswer {
  readonly status: number
  /** The parsed JSON; undefined when there was no body. */
  readonly body: Readonly<Record<string, unknown>> | undefined
}

/** What a test may decide about a notification. The rest is as the platform would have it. */
export interface NoticeChanges {
  readonly merchant?: TestMerchant
  /** Fields of the payment; with `undefined` a field is left out. */
  readonly payment?: object
  /** Fields of the envelope, likewise. */
  readonly envelope?: object
  readonly apiV3Key?: string
}

/** What a test may decide about a signature. */
export interface SignatureChanges {
  readonly secondsFromNow?: number
  readonly serial?: string
  readonly privateKey?: KeyObject
}

const CHINA_OFFSET_MS = 8 * 60 * 60 * 1000

function chinaTime(moment: Date): string {
  return `${new Date(moment.getTime() + CHINA_OFFSET_MS).toISOString().slice(0, 19)}+08:00`
}

/** Seals a text with an APIv3 key as the platform does. */
export function seal(text: string, apiV3Key: string) {
  const nonce = randomBytes(6).toString('hex')
  const cipher = createCipheriv('aes-256-gcm', apiV3Key, nonce).setAAD(Buffer.from('transaction'))
  const parts = [cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]
  return {
    original_type: 'transaction',
    algorithm: 'AEAD_AES_256_GCM',
    ciphertext: Buffer.concat(parts).toString('base64'),
    associated_data: 'transaction',
    nonce,
  }
}

/** A successful payment of an order in the platform's words, as in the decrypted resource. */
export function paymentOf(
  { outTradeNo, amount }: Pick<OrderView, 'outTradeNo' | 'amount'>,
  merchant: TestMerchant,
  at: Date,
) {
  return {
    mchid: merchant.mchId,
    appid: merchant.appIds[0],
    out_trade_no: outTradeNo,
    transaction_id: `4200${randomBytes(8).readBigUInt64BE()}`,
    trade_type: 'JSAPI',
    trade_state: 'SUCCESS',
    trade_state_desc: '支付成功',
    bank_type: 'OTHERS',
    attach: '',
    success_time: chinaTime(at),
    payer: { openid: 'o-payer-1' },
    amount: { ...amount, payer_total: amount.total, payer_currency: amount.currency },
  }
}

/** The body of a notification that says that the order was paid. */
export function paidBody(
  gateway: TestGateway,
  order: Pick<OrderView, 'outTradeNo' | 'amount'>,
  { merchant = gateway.merchant, payment, envelope, apiV3Key = merchant.apiV3Key }: NoticeChanges = {},
): string {
  const now = gateway.parts.now()
  return JSON.stringify({
    id: randomUUID(),
    create_time: chinaTime(now),
    event_type: 'TRANSACTION.SUCCESS',
    resource_type: 'encrypt-resource',
    summary: '支付成功',
    resource: seal(JSON.stringify({ ...paymentOf(order, merchant, now), ...payment }), apiV3Key),
    ...envelope,
  })
}

/** A body with the headers that prove where it comes from, signed by the gateway's clock. */
export function signedNotice(
  { parts, merchant }: Pick<TestGateway, 'parts' | 'merchant'>,
  body: string,
  {
    secondsFromNow = 0,
    serial = merchant.platformKey.id,
    privateKey = merchant.platformKey.privateKey,
  }: SignatureChanges = {},
): Notice {
  const timestamp = String(Math.floor(parts.now().getTime() / 1000) + secondsFromNow)
  const nonce = randomBytes(16).toString('hex')
  const signature = sign('sha256', Buffer.from(`${timestamp}\n${nonce}\n${body}\n`), privateKey)
  return {
    headers: [
      ['Content-Type', 'application/json'],
      ['Wechatpay-Timestamp', timestamp],
      ['Wechatpay-Nonce', nonce],
      ['Wechatpay-Serial', serial],
      ['Wechatpay-Signature', signature.toString('base64')],
      ['Wechatpay-Signature-Type', 'WECHATPAY2-SHA256-RSA2048'],
    ],
    body,
  }
}

/** A valid notification that says that the order was paid. */
export function paidNotice(
  gateway: TestGateway,
  order: Pick<OrderView, 'outTradeNo' | 'amount'>,
  changes: NoticeChanges = {},
): Notice {
  const { parts, merchant } = gateway
  const sender = { parts, merchant: changes.merchant ?? merchant }
  return signedNotice(sender, paidBody(gateway, order, changes))
}

/** Posts a callback as the platform does, to the first merchant's address unless told otherwise. */
export async function post(gateway: TestGateway, notice: Notice, merchantId = 'acme'): Promise<NoticeAnswer> {
  const url = `${gateway.url}/notify/wechatpay/v3/${merchantId}`
  const sent = request(url, { method: 'POST', agent: false })
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    sent.on('response', resolve).on('error', reject)
  })
  for (const [name, value] of notice.headers) sent.appendHeader(name, value)
  sent.end(notice.body)
  const response = await answered
  const chunks: Buffer[] = await response.toArray()
  const text = Buffer.concat(chunks).toString()
  return { status: response.statusCode ?? 0, body: text === '' ? undefined : JSON.parse(text) }
}
