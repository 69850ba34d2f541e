import type { Explanation } from '../../../domain/explanation.ts'
import { quoted } from '../refusal.ts'
import type { Suspect, Unfitting } from './diagnose.ts'
import { diagnose } from './diagnose.ts'
import type { Known } from './known.ts'
import { isNamed } from './known.ts'
import { signatureSentence } from './signature-sentences.ts'

/** Every key known here that may have made the signature, the likeliest first. */
function* suspectsFor(serial: string, { merchantKey, ringKeys, otherKeys }: Known): Generator<Suspect> {
  const ring = ringKeys()
  for (const { id, publicKey } of ring.filter((key) => isNamed(key, serial))) {
    yield { owner: { kind: 'named', id }, publicKey }
  }
  yield { owner: { kind: 'merchant' }, publicKey: merchantKey }
  for (const { id, publicKey } of ring.filter((key) => !isNamed(key, serial))) {
    yield { owner: { kind: 'ring', id }, publicKey }
  }
  for (const { merchantId, id, publicKey } of otherKeys()) {
    yield { owner: { kind: 'other', merchantId, id }, publicKey }
  }
}

/** Says why a signature does not fit: whose it is, and over which text. */
export function explainSignature(message: Unfitting, known: Known): Explanation {
  const { serial } = message.headers
  const diagnosis = diagnose(message, suspectsFor(serial, known), known.openSignature)
  return signatureSentence(diagnosis, quoted(serial))
}
