import { inTime } from './in-time.ts'

/**
 * So long the process that is to write a line has for it, in milliseconds: longer than a call of a store can last, so that no
 * other one writes it meanwhile.
 */
const PATIENCE_MS = 20_000

/** From when on another process may write a line that one is to write at this moment. */
export function reportDueAfter(moment: Date): Date {
  return new Date(moment.getTime() + PATIENCE_MS)
}

/** So long the note that a line is written may hold up the caller, in milliseconds. */
const NOTE_MS = 500

/** Waits for the note that a line is written. A failure fails nobody: a line that comes twice is better than one that is missing. */
export async function noted(note: Promise<void>, onFailure: (error: unknown) => void): Promise<void> {
  try {
    await inTime(note, NOTE_MS)
  } catch (error) {
    onFailure(error)
  }
}
