import type { Explanation } from '../../../domain/explanation.ts'
import { quoted } from '../refusal.ts'
import type { Known, NamedKey } from './known.ts'
import { firstOf, isNamed } from './known.ts'
import { KEYS } from './sentences.ts'

const MOST_LISTED = 5

/** Comparing names is cheap, but anybody may ask for it. */
const MOST_COMPARED = 1000

function listOf(keys: readonly NamedKey[]): Explanation {
  if (keys.length === 0) return KEYS.none
  const listed = keys.slice(0, MOST_LISTED).map(({ id }) => id)
  return KEYS.list(listed.join(', '), keys.length - listed.length)
}

/** Says what to do about a message that names a key which this account does not have. */
export function explainKey(serial: string, { account, ringKeys, otherKeys }: Known): Explanation {
  const known = listOf(ringKeys())
  if (isNamed({ id: account.certificateSerial }, serial)) return KEYS.ofMerchant(quoted(serial), known)
  const unknown = KEYS.unknown(quoted(serial), known)
  for (const { merchantId, ...key } of firstOf(otherKeys(), MOST_COMPARED)) {
    if (isNamed(key, serial)) return KEYS.ofOther(key.id, merchantId, unknown)
  }
  return unknown
}
