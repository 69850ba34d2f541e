/**
 * Control characters, characters without a glyph (which hide text or reverse its direction), halves of surrogate pairs, what Unicode does not define, and the separators of lines and paragraphs.
 */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}]/u

/** The end of an error sentence about a field whose text is not plain. */
export const NOT_PLAIN = 'must not contain control characters, invisible characters or line breaks'

/** Returns whether a text is displayed completely and in the order in which it is written. */
export function isPlainText(text: string): boolean {
  return !HIDDEN.test(text)
}
