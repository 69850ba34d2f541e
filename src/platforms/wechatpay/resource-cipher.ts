import { createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto'
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

/** APIv3 keys of an account, newest first: while the key is being changed, messages come with the old one and the new one. */
export type ApiV3Keys = readonly [Buffer, ...Buffer[]]

interface Parts {
  readonly nonce: Buffer
  readonly aad: Buffer
  readonly ciphertext: Buffer
  readonly tag: Buffer
}

function partsOf(resource: SealedResource): Parts {
  if (resource.algorithm !== 'AEAD_AES_256_GCM') throw new Error('The algorithm is not AEAD_AES_256_GCM.')
  const sealed = decodeBase64(resource.ciphertext)
  if (sealed === undefined || sealed.length < TAG_BYTES) {
    throw new Error('The ciphertext is not Base64 of at least a tag.')
  }
  return {
    nonce: Buffer.from(resource.nonce),
    aad: Buffer.from(resource.associated_data),
    ciphertext: sealed.subarray(0, -TAG_BYTES),
    tag: sealed.subarray(-TAG_BYTES),
  }
}

function decrypt(key: KeyObject, { nonce, aad, ciphertext, tag }: Parts): string {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(aad)
  decipher.setAuthTag(tag)
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8')
}

/** The tag tells whether a key is the right one. @throws when none is */
function decryptWithAny([key, next, ...others]: readonly [KeyObject, ...KeyObject[]], parts: Parts): string {
  try {
    return decrypt(key, parts)
  } catch (error) {
    if (next === undefined) throw error
    return decryptWithAny([next, ...others], parts)
  }
}

function toKey(apiV3Key: Buffer): KeyObject {
  if (apiV3Key.length !== KEY_BYTES) {
    throw new RangeError(`An APIv3 key has ${KEY_BYTES} bytes; this one has ${apiV3Key.length}.`)
  }
  return createSecretKey(apiV3Key)
}

/**
 * Makes the opener for the APIv3 keys of an account (AES-256-GCM), which are tried in their order.
 * @throws {RangeError} when a key has not exactly 32 bytes; a shorter one would quietly be another cipher
 */
export function createResourceOpener([newest, ...older]: ApiV3Keys): OpenResource {
  const keys = [toKey(newest), ...older.map(toKey)] as const
  return (resource) => decryptWithAny(keys, partsOf(resource))
}
