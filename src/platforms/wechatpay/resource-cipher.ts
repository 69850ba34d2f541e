import { createDecipheriv, createSecretKey } from 'node:crypto'
import { decodeBase64 } from './base64.ts'

const KEY_BYTES = 32
/** Length of the tag of AES-GCM. */
export const TAG_BYTES = 16

/** A sealed piece of JSON or PEM, as it stands in notifications and certificate lists. */
export interface SealedResource {
  readonly algorithm: string
  /** Base64 of the ciphertext and, behind it, the 16 bytes of the tag. */
  readonly ciphertext: string
  /** UTF-8; its bytes are the initialization vector. */
  readonly nonce: string
  /** UTF-8; empty when the platform sends none. */
  readonly associated_data: string
}

/**
 * Opens a sealed resource and gives its UTF-8 text.
 * @throws {Error} when the algorithm is another one, or the key, the nonce or a single bit is wrong
 */
export type OpenResource = (resource: SealedResource) => string

/**
 * Makes the opener for one APIv3 key (AES-256-GCM).
 * @throws {RangeError} when the key has not exactly 32 bytes; a shorter one would quietly be another cipher
 */
export function createResourceOpener(apiV3Key: Buffer): OpenResource {
  if (apiV3Key.length !== KEY_BYTES) {
    throw new RangeError(`An APIv3 key has ${KEY_BYTES} bytes; this one has ${apiV3Key.length}.`)
  }
  const key = createSecretKey(apiV3Key)
  return function open(resource) {
    if (resource.algorithm !== 'AEAD_AES_256_GCM') throw new Error('The algorithm is not AEAD_AES_256_GCM.')
    const sealed = decodeBase64(resource.ciphertext)
    if (sealed === undefined || sealed.length < TAG_BYTES) {
      throw new Error('The ciphertext is not Base64 of at least a tag.')
    }
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(resource.nonce), {
      authTagLength: TAG_BYTES,
    })
    decipher.setAAD(Buffer.from(resource.associated_data))
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
    return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]).toString('utf8')
  }
}
