import type { RefusedVerdict } from '../platform.ts'

/**
 * Why something that claims to come from the platform is not believed: a verdict for programs, and one sentence that
 * a stranger may read. Thrown by the steps that check it, caught where the answer is made.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly verdict: RefusedVerdict

  constructor(verdict: RefusedVerdict, sentence: string) {
    super(sentence)
    this.verdict = verdict
  }
}

/** A stranger's text made fit for a sentence: short, and only characters that no log or page interprets. */
export function quoted(text: string): string {
  const plain = text.replaceAll(/[^\w.:/+=-]/g, '?')
  return plain.length > 64 ? `${plain.slice(0, 64)}…` : plain
}
