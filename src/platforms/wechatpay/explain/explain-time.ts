import type { Explanation } from '../../../domain/explanation.ts'
import { platformMessage } from '../canonical.ts'
import { isSignatureOf } from '../sign.ts'
import type { Unfitting } from './diagnose.ts'
import type { Finding } from './finding.ts'
import type { Known } from './known.ts'
import { isNamed } from './known.ts'
import { BESIDES_TIME, TIME } from './sentences.ts'

function besides({ headers, body }: Unfitting, { ringKeys }: Known): Explanation {
  const key = ringKeys().find((one) => isNamed(one, headers.serial))
  if (key === undefined) return BESIDES_TIME.unknown
  const message = platformMessage(headers.timestamp, headers.nonce, body)
  return isSignatureOf(message, headers.signature, key.publicKey) ? BESIDES_TIME.fits : BESIDES_TIME.unfit
}

/** Says what to do about a message whose timestamp is too far from the clock, and whether only that is wrong. */
export function explainTime(
  { timestamp, skewSeconds }: Extract<Finding, { kind: 'stale' }>,
  message: Unfitting,
  known: Known,
): Explanation {
  // Seconds get their twelfth digit in the year 5138.
  if (timestamp.length > 11) return TIME.milliseconds
  return skewSeconds < 0
    ? TIME.behind(-skewSeconds, besides(message, known))
    : TIME.ahead(skewSeconds, besides(message, known))
}
