import type { Explanation } from '../../domain/explanation.ts'
import type { RefusedVerdict, SignatureState } from '../platform.ts'
import type { Finding } from './explain/finding.ts'

/** Why something that claims to come from the platform is not believed, in one sentence that a stranger may read. */
export class Distrust extends Error {
  override readonly name: string = 'Distrust'
}

/** What a refusal says to programs. */
export interface RefusalCode {
  readonly verdict: RefusedVerdict
  readonly signature: SignatureState
  /** The serial that the message names; absent when its headers could not be read. */
  readonly serial?: string
}

/**
 * Why a message is refused: besides the sentence a code for programs, and what was found, to be explained to the
 * operator. Thrown by the steps that check it, caught where the answer is made.
 */
export class Refusal extends Distrust {
  override readonly name = 'Refusal'
  readonly code: RefusalCode
  readonly finding: Finding

  constructor(code: RefusalCode, sentence: string, finding: Finding) {
    super(sentence)
    this.code = code
    this.finding = finding
  }
}

/** What the platform said, with its signature or in its answer, has a form that this version cannot read. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable'
  /** The same for the operator's eyes. */
  readonly explanation: Explanation

  constructor(sentence: string, explanation: Explanation) {
    super(sentence)
    this.explanation = explanation
  }
}

/** A refusal whose explanation needs no look at what is known here. */
export function plainRefusal(code: RefusalCode, sentence: string, explanation: Explanation): Refusal {
  return new Refusal(code, sentence, { kind: 'plain', explanation })
}

/** A stranger's text made fit for a sentence: short, and only characters that no log or page interprets. */
export function quoted(text: string): string {
  const plain = text.replaceAll(/[^\w.:/+=-]/g, '?')
  return plain.length > 64 ? `${plain.slice(0, 64)}…` : plain
}
