/**
 * Control characters, characters without a glyph (which hide text, or turn its direction around, so that it reads as
 * another), halves of surrogate pairs, what Unicode does not define, and the separators of lines and paragraphs.
 */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}]/u

/** What is wrong with a text that is not plain, as the end of a sentence about a field. */
export const NOT_PLAIN = 'must not contain control characters, invisible characters or line breaks'

/** Tells whether people who are shown a text see all of it, in the order in which it is written. */
export function isPlainText(text: string): boolean {
  return !HIDDEN.test(text)
}
