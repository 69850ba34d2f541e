/**
 * So long the process that is to write a line has for it, in milliseconds: longer than a call of a store can last, so that no
 * other one writes it meanwhile.
 */
const PATIENCE_MS = 20_000

/** From when on another process may write a line that one is to write at this moment. */
export function reportDueAfter(moment: Date): Date {
  return new Date(moment.getTime() + PATIENCE_MS)
}
