import { createCipheriv, createDecipheriv, createPublicKey, randomInt, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

const base64Text = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const nonceAlphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const tagBytes = 16

/** What AES-256-GCM made of a text, with what is needed to open it again. */
export type Sealed = {
  /** Base64 of the ciphertext followed by its 16-byte tag. */
  readonly ciphertext: string
  readonly nonce: string
  readonly associatedData: string
}

/** The text that API v3 signs: each line followed by a line feed, the last one too. */
export const signedMessage = (...lines: readonly string[]): string =>
  lines.map((line) => `${line}\n`).join('')

/** RSASSA-PKCS1-v1_5 with SHA-256 over the UTF-8 bytes of `message`, as Base64. */
export const signText = (message: string, privateKey: KeyObject): string =>
  sign('sha256', Buffer.from(message), privateKey).toString('base64')

/** Whether `signature` (strict Base64) is RSA-SHA256 over `message` by the owner of `publicKey`; never throws. */
export function isSignedBy(message: string | Buffer, signature: string, publicKey: KeyObject): boolean {
  if (signature === '' || !base64Text.test(signature)) return false
  return verify('sha256', Buffer.from(message), publicKey, Buffer.from(signature, 'base64'))
}

/** Encrypts with AES-256-GCM under an APIv3 key (32 bytes of text) and a fresh 12-character nonce. */
export function seal(plaintext: string, apiV3Key: string, associatedData: string): Sealed {
  const nonce = randomText(12)
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(apiV3Key), Buffer.from(nonce))
  cipher.setAAD(Buffer.from(associatedData))
  const parts = [cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()]
  return { ciphertext: Buffer.concat(parts).toString('base64'), nonce, associatedData }
}

/**
 * Opens what `seal` made.
 * @throws {Error} when the key, the nonce, the associated data or the text is not the one it was sealed with.
 */
export function unseal(sealed: Sealed, apiV3Key: string): string {
  const bytes = Buffer.from(sealed.ciphertext, 'base64')
  if (bytes.length < tagBytes)
    throw new Error(`a ciphertext has at least ${tagBytes} bytes, not ${bytes.length}`)
  const nonce = Buffer.from(sealed.nonce)
  const options = { authTagLength: tagBytes }
  const decipher = createDecipheriv('aes-256-gcm', Buffer.from(apiV3Key), nonce, options)
  decipher.setAAD(Buffer.from(sealed.associatedData))
  decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes))
  const text = Buffer.concat([decipher.update(bytes.subarray(0, bytes.length - tagBytes)), decipher.final()])
  return text.toString('utf8')
}

/** A random text of `length` letters and digits. */
export const randomText = (length: number): string =>
  Array.from({ length }, () => nonceAlphabet.charAt(randomInt(nonceAlphabet.length))).join('')

/** A random text of `length` decimal digits. */
export const randomDigits = (length: number): string =>
  Array.from({ length }, () => String(randomInt(10))).join('')

/**
 * Reads an RSA public key from the PEM of a public key or of a certificate.
 * @throws {Error} when the text is not such a PEM, or the key is not RSA with at least 2048 bits.
 */
export function readPublicKey(pem: string): KeyObject {
  const key = createPublicKey(pem)
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (key.asymmetricKeyType !== 'rsa' || bits < 2048) {
    throw new Error('the public key must be an RSA key of at least 2048 bits')
  }
  return key
}
