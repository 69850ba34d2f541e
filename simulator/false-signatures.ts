import { generateKeyPairSync, randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { Clock } from './clock.ts'
import { randomDigits } from './crypto.ts'
import type { DeliveryFault, FaultOf } from './fault-kinds.ts'
import type { SigningKey } from './platform-keys.ts'
import { signedHeaders } from './signed-headers.ts'
import type { Headers } from './signed-headers.ts'

/** Makes the signature headers of a text. */
export type Sign = (body: string, key: SigningKey, now: Clock) => Headers

const probePrefix = 'WECHATPAY/SIGNTEST/'
const signatureBytes = 256

const randomSerial = (like: string): string =>
  like.startsWith('PUB_KEY_ID_')
    ? `PUB_KEY_ID_${randomDigits(30)}`
    : randomBytes(20).toString('hex').toUpperCase()

/** A probe: a text in the place of the signature that no key made, under the platform's well-known prefix. */
export const signAsProbe: Sign = (body, key, now) => ({
  ...signedHeaders(body, key, now),
  'Wechatpay-Signature': `${probePrefix}${randomBytes(signatureBytes).toString('base64')}`,
})

/** A good signature by a clock that is `seconds` ahead. */
export const signAhead =
  (seconds: number): Sign =>
  (body, key, now) =>
    signedHeaders(body, key, () => new Date(now().getTime() + seconds * 1000))

/** A good signature under the name of a key that nobody was told about. */
export const signUnder =
  (serial: string | undefined): Sign =>
  (body, key, now) =>
    signedHeaders(body, { ...key, serial: serial ?? randomSerial(key.serial) }, now)

const signatureTypes = { empty: '', sm: 'WECHATPAY2-SM2-WITH-SM3' } as const

/** A good signature with another Wechatpay-Signature-Type, or without any. */
export const signWithType =
  (how: FaultOf<DeliveryFault, 'signature-type'>['how']): Sign =>
  (body, key, now) => {
    const { 'Wechatpay-Signature-Type': _type, ...headers } = signedHeaders(body, key, now)
    return how === 'missing' ? headers : { ...headers, 'Wechatpay-Signature-Type': signatureTypes[how] }
  }

/** No signature at all. */
export const leaveUnsigned: Sign = () => ({})

/** Signatures under the names of known keys by a key that nobody knows; it is made when first needed. */
export function createForger(): Sign {
  let forged: KeyObject | undefined
  return (body, key, now) => {
    forged ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    return signedHeaders(body, { ...key, privateKey: forged }, now)
  }
}
