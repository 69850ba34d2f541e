import { waitMs } from './backoff.ts'

/** Something that is tried until it succeeds. */
export interface Persistence {
  /** Tries at once, instead of whatever is under way. Resolves with whether this one succeeded. */
  now(): Promise<boolean>
  stop(): void
}

/** Tries, with growing waits, until `act` resolves with true; `onMiss` is called after each failure. */
export function persist(
  act: () => Promise<boolean>,
  on: { readonly success: () => void; readonly miss: () => void },
): Persistence {
  let timer: ReturnType<typeof setTimeout> | undefined
  let newest = 0

  async function tryOnce(attempt: number): Promise<boolean> {
    stop()
    const own = newest
    const isDone = await act()
    if (own !== newest) return isDone
    if (isDone) on.success()
    else {
      timer = setTimeout(() => void tryOnce(attempt + 1), waitMs(attempt))
      on.miss()
    }
    return isDone
  }

  function stop(): void {
    newest += 1
    clearTimeout(timer)
  }

  return { now: () => tryOnce(0), stop }
}
