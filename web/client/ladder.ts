import { waitMs } from './backoff.ts'

const MISSES_BEFORE_FALLBACK = 2
/** A connection that lasted so long was a good one: the next attempt does not have to wait for long. */
const GOOD_AFTER_MS = 10_000

/** Which of several transports is to be used, and when. */
export interface Ladder {
  /** 0 is the best one. */
  readonly level: number
  /** One of them works. */
  worked(level: number): void
  /**
   * The one in use failed. Tells how long to wait before the next attempt, in milliseconds.
   * @param wasUpMs for how long it had worked; null when it never did
   */
  failed(wasUpMs: number | null): number
  /** Circumstances have changed: the next failure counts as the first. */
  forgive(): void
}

/**
 * A transport that fails twice in a row without having worked makes way for the next one. When none of them works, it is
 * the gateway or the network, so that it begins again with the best one, and waits grow.
 * @param count how many transports there are
 */
export function createLadder(count: number, wait: (attempt: number) => number = waitMs): Ladder {
  let level = 0
  let misses = 0
  let failures = 0
  return {
    get level() {
      return level
    },
    worked(at) {
      level = at
      misses = 0
    },
    failed(wasUpMs) {
      if (wasUpMs === null) misses += 1
      else failures = wasUpMs > GOOD_AFTER_MS ? 0 : failures + 1
      if (misses >= MISSES_BEFORE_FALLBACK) {
        misses = 0
        level = (level + 1) % count
        if (level === 0) failures += MISSES_BEFORE_FALLBACK
      }
      return wait(failures + misses)
    },
    forgive() {
      failures = 0
    },
  }
}
