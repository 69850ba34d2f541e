const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 15_000

/**
 * How long to wait before an attempt, in milliseconds: half a second, doubling up to 15 seconds; each wait is between
 * half of that and all of it, so that a gateway which comes back is not stormed.
 * @param attempt 0 is the first
 * @param chance a number in [0, 1)
 */
export function waitMs(attempt: number, chance: number = Math.random()): number {
  const ceiling = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt, 10))
  return Math.round(ceiling * (0.5 + chance / 2))
}
