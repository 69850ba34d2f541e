import type { Explanation } from '../../../domain/explanation.ts'
import type { RawNotification } from '../../platform.ts'
import { readSignatureHeaders } from '../signature-headers.ts'
import { explainKey } from './explain-key.ts'
import { explainSealed } from './explain-sealed.ts'
import { explainSignature } from './explain-signature.ts'
import { explainTime } from './explain-time.ts'
import type { Finding } from './finding.ts'
import type { Known } from './known.ts'

/** Says what a finding means and what to do about it, in the operator's words. */
export type Explain = (finding: Finding, raw: RawNotification) => Explanation

function messageOf({ headers, body }: RawNotification) {
  return { headers: readSignatureHeaders(headers), body }
}

/** Makes the explainer of one account. */
export function createExplainer(known: Known): Explain {
  return function explain(finding, raw) {
    switch (finding.kind) {
      case 'plain':
        return finding.explanation
      case 'stale':
        return explainTime(finding, messageOf(raw), known)
      case 'key-unknown':
        return explainKey(finding.serial, known)
      case 'signature-wrong':
        return explainSignature(messageOf(raw), known)
      case 'sealed':
        return explainSealed(finding.resource, known)
    }
  }
}
