import type { KeyObject } from 'node:crypto'
import { constants, publicDecrypt } from 'node:crypto'

/** DER of a DigestInfo up to its 32 bytes of SHA-256 (RFC 8017, 9.2). */
const SHA256_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex')

/** What a key signed: a SHA-256, or something of another make. */
export type SignedDigest = { readonly sha256: Buffer } | 'other-digest'

/** Gives the digest that a signature holds; undefined when this key did not make the signature. */
export type OpenSignature = (publicKey: KeyObject, signature: Buffer) => SignedDigest | undefined

/**
 * Opens an RSASSA-PKCS1-v1_5 signature with a public key. So one RSA operation for each key is enough to compare a
 * signature with any number of texts; trying the texts by verifying would cost one for each.
 */
export const digestSignedBy: OpenSignature = (publicKey, signature) => {
  let info: Buffer
  try {
    info = publicDecrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, signature)
  } catch {
    return undefined
  }
  const isSha256 = info.length === SHA256_INFO.length + 32 && info.subarray(0, -32).equals(SHA256_INFO)
  return isSha256 ? { sha256: info.subarray(-32) } : 'other-digest'
}
