import type { KeyObject } from 'node:crypto'
import { randomBytes, sign, verify } from 'node:crypto'
import type { WechatpayAccount } from './account.ts'
import { decodeBase64 } from './base64.ts'
import type { RequestToSign } from './canonical.ts'
import { requestMessage } from './canonical.ts'

/** The one signature scheme that this gateway speaks, as it stands in `Authorization` and `Wechatpay-Signature-Type`. */
export const SIGNATURE_SCHEME = 'WECHATPAY2-SHA256-RSA2048'

/** Fresh random text for a signature: 32 hex characters. */
export function randomNonce(): string {
  return randomBytes(16).toString('hex')
}

/** RSASSA-PKCS1-v1_5 with SHA-256 over the UTF-8 bytes of a message, as Base64. */
export function signMessage(message: string, privateKey: KeyObject): string {
  return sign('sha256', Buffer.from(message), privateKey).toString('base64')
}

/** Tells whether a Base64 signature is one of these bytes. Text that is not strictly Base64 is none. */
export function isSignatureOf(message: Buffer, signature: string, publicKey: KeyObject): boolean {
  const bytes = decodeBase64(signature)
  return bytes !== undefined && verify('sha256', message, publicKey, bytes)
}

/** The `Authorization` header of a request. */
export function authorization(
  account: Pick<WechatpayAccount, 'mchId' | 'certificateSerial' | 'privateKey'>,
  request: RequestToSign,
): string {
  const attributes = {
    mchid: account.mchId,
    nonce_str: request.nonce,
    signature: signMessage(requestMessage(request), account.privateKey),
    timestamp: request.timestamp,
    serial_no: account.certificateSerial,
  }
  const list = Object.entries(attributes).map(([name, value]) => `${name}="${value}"`)
  return `${SIGNATURE_SCHEME} ${list.join(',')}`
}
