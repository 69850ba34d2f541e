import type { Explanation } from '../../../domain/explanation.ts'
import { decodeBase64 } from '../base64.ts'
import { quoted } from '../refusal.ts'
import type { SealedResource } from '../resource-cipher.ts'
import { createResourceOpener, TAG_BYTES } from '../resource-cipher.ts'
import type { Known, OtherSecret } from './known.ts'
import { firstOf } from './known.ts'
import { SEALED } from './sentences.ts'

const MOST_TRIED = 32

function isDamaged({ ciphertext, nonce }: SealedResource): boolean {
  const bytes = decodeBase64(ciphertext)
  return bytes === undefined || bytes.length < TAG_BYTES || nonce === ''
}

function opens({ apiV3Keys }: OtherSecret, resource: SealedResource): boolean {
  try {
    createResourceOpener(apiV3Keys)(resource)
    return true
  } catch {
    return false
  }
}

/** Says why a resource whose signature is good cannot be decrypted. */
export function explainSealed(resource: SealedResource, { otherSecrets }: Known): Explanation {
  if (resource.algorithm !== 'AEAD_AES_256_GCM') return SEALED.otherAlgorithm(quoted(resource.algorithm))
  if (isDamaged(resource)) return SEALED.damaged
  for (const other of firstOf(otherSecrets(), MOST_TRIED)) {
    if (opens(other, resource)) return SEALED.keyOfOther(other.merchantId)
  }
  return SEALED.wrongKey
}
