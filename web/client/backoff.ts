const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 15_000

/** Waits between attempts: longer each time, jittered so that a restarted gateway is not stormed, and cut short on demand. */
export interface Backoff {
  /** Resolves after the wait that belongs to this attempt; 0 is the first. */
  wait(attempt: number): Promise<void>
  /** Ends the wait that is running; with `ahead`, the next one too, which then does not happen at all. */
  wake(ahead?: boolean): void
}

/**
 * Half a second, doubling up to 15 seconds; each wait is between half of that and all of it.
 * @param random a number in [0, 1), `Math.random` but for tests
 */
export function createBackoff(random: () => number = Math.random): Backoff {
  let finish: (() => void) | null = null
  let isAhead = false

  return {
    wait: (attempt) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => finish?.(), isAhead ? 0 : waitMs(attempt, random()))
        isAhead = false
        finish = () => {
          clearTimeout(timer)
          finish = null
          resolve()
        }
      }),
    wake(ahead = false) {
      if (finish === null) isAhead = ahead
      else finish()
    },
  }
}

/** How long to wait before this attempt, in milliseconds. */
export function waitMs(attempt: number, chance: number): number {
  const ceiling = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt, 10))
  return Math.round(ceiling * (0.5 + chance / 2))
}
