import type { Explanation } from '../../domain/explanation.ts'
import type { RefusedVerdict } from '../platform.ts'
import type { Finding } from './explain/finding.ts'

/** Why something that claims to come from the platform is not believed, in one sentence that a stranger may read. */
export class Distrust extends Error {
  override readonly name: string = 'Distrust'
}

/**
 * Why a message is refused: besides the sentence a verdict for programs, and what was found, to be explained to the
 * operator. Thrown by the steps that check it, caught where the answer is made.
 */
export class Refusal extends Distrust {
  override readonly name = 'Refusal'
  readonly verdict: RefusedVerdict
  readonly finding: Finding

  constructor(verdict: RefusedVerdict, sentence: string, finding: Finding) {
    super(sentence)
    this.verdict = verdict
    this.finding = finding
  }
}

/** A refusal whose explanation needs no look at what is known here. */
export function plainRefusal(verdict: RefusedVerdict, sentence: string, explanation: Explanation): Refusal {
  return new Refusal(verdict, sentence, { kind: 'plain', explanation })
}

/** A stranger's text made fit for a sentence: short, and only characters that no log or page interprets. */
export function quoted(text: string): string {
  const plain = text.replaceAll(/[^\w.:/+=-]/g, '?')
  return plain.length > 64 ? `${plain.slice(0, 64)}…` : plain
}
