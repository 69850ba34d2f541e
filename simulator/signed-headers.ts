import { randomBytes } from 'node:crypto'
import type { Clock } from './clock.ts'
import { toUnixSeconds } from './clock.ts'
import { randomText, signedMessage, signText } from './crypto.ts'
import type { SigningKey } from './platform-keys.ts'

/** Headers by name. */
export type Headers = Readonly<Record<string, string>>

const internalErrorBase = 268_435_456

/** A support id; the text after its last dash is the platform's internal error code, 0 when all went well. */
export const requestId = (status = 200): string =>
  `08${randomBytes(19).toString('hex').toUpperCase()}-${status < 400 ? 0 : internalErrorBase + status}`

/** The headers that prove that the exact text `body` comes from the platform, with a fresh time and nonce. */
export function signedHeaders(body: string, key: SigningKey, now: Clock): Headers {
  const timestamp = String(toUnixSeconds(now()))
  const nonce = randomText(32)
  return {
    'Wechatpay-Timestamp': timestamp,
    'Wechatpay-Nonce': nonce,
    'Wechatpay-Serial': key.serial,
    'Wechatpay-Signature': signText(signedMessage(timestamp, nonce, body), key.privateKey),
    'Wechatpay-Signature-Type': 'WECHATPAY2-SHA256-RSA2048',
  }
}
