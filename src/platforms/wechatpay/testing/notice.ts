import type { KeyObject } from 'node:crypto'
import { createCipheriv, sign } from 'node:crypto'
import type { RawNotification } from '../../platform.ts'
import { API_V3_KEY, KEY_ID, NOW, platformKeys } from './account.ts'

/** A payment as the platform reports it. */
export const PAYMENT = {
  mchid: '1900000109',
  appid: 'wxd678efh567hg6787',
  out_trade_no: 'T20260101000001',
  transaction_id: '4200000000202601010000000001',
  trade_type: 'JSAPI',
  trade_state: 'SUCCESS',
  trade_state_desc: '支付成功',
  bank_type: 'OTHERS',
  attach: '',
  success_time: '2026-01-01T00:00:00+08:00',
  payer: { openid: 'o-test-payer' },
  amount: { total: 100, payer_total: 90, currency: 'CNY', payer_currency: 'CNY' },
}

/** Signs as the platform does; written apart from the code under test. */
export function platformSignature(
  parts: readonly [timestamp: string, nonce: string, body: string],
  privateKey: KeyObject = platformKeys.privateKey,
): string {
  return sign('sha256', Buffer.from(parts.map((part) => `${part}\n`).join('')), privateKey).toString('base64')
}

/** Seals a text as the platform does. */
export function seal(text: string, apiV3Key: Buffer = API_V3_KEY, associatedData = 'transaction') {
  const nonce = 'aB3dE5fG7hJ9'
  const cipher = createCipheriv('aes-256-gcm', apiV3Key, nonce).setAAD(Buffer.from(associatedData))
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return {
    original_type: 'transaction',
    algorithm: 'AEAD_AES_256_GCM',
    ciphertext: sealed.toString('base64'),
    associated_data: associatedData,
    nonce,
  }
}

/** An envelope around a sealed resource. */
export function envelopeOf(resource: unknown, eventType = 'TRANSACTION.SUCCESS') {
  return {
    id: '11111111-1111-5111-8111-111111111111',
    create_time: '2026-01-01T00:00:01+08:00',
    event_type: eventType,
    resource_type: 'encrypt-resource',
    summary: '支付成功',
    resource,
  }
}

/** What a test may decide about a notification's signature. */
export interface NoticeSignature {
  readonly secondsFromNow?: number
  readonly serial?: string
  readonly privateKey?: KeyObject
}

/** The first nonce whose signature is another text in the alphabet for addresses: one in two hundred has no plus sign. */
function respellable(signed: (nonce: string) => string) {
  for (let count = 0; ; count += 1) {
    const nonce = String(count).padStart(32, 'aB')
    const base64 = signed(nonce)
    if (base64.includes('+') && base64.includes('/')) return { nonce, base64 }
  }
}

/** A notification with this body, rightly signed unless told otherwise. */
export function signedNotice(body: string, signature: NoticeSignature = {}): RawNotification {
  const timestamp = String(NOW.getTime() / 1000 + (signature.secondsFromNow ?? 0))
  const { nonce, base64 } = respellable((nonce) =>
    platformSignature([timestamp, nonce, body], signature.privateKey),
  )
  return {
    headers: [
      ['Content-Type', 'application/json'],
      ['Wechatpay-Timestamp', timestamp],
      ['Wechatpay-Nonce', nonce],
      ['Wechatpay-Serial', signature.serial ?? KEY_ID],
      ['Wechatpay-Signature', base64],
      ['Wechatpay-Signature-Type', 'WECHATPAY2-SHA256-RSA2048'],
    ],
    body: Buffer.from(body),
  }
}

/** A whole, valid notification of this resource. */
export function noticeOf(resource: unknown, eventType?: string): RawNotification {
  return signedNotice(JSON.stringify(envelopeOf(seal(JSON.stringify(resource)), eventType)))
}

/** The same notification with one header's value changed. */
export function withHeader(notice: RawNotification, name: string, value: string): RawNotification {
  const headers = notice.headers.map((pair) => (pair[0] === name ? ([name, value] as const) : pair))
  return { ...notice, headers }
}
