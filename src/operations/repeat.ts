import type { Log } from './log.ts'

/** Something that is done again and again. */
export interface Repetition {
  /** No further round begins, and the one under way is told to take up nothing new. */
  leave(): void
  /** Leaves; resolves when the round under way has ended. */
  stop(): Promise<void>
}

/**
 * Runs `round` at once and then again, `pauseMs` after the round before has ended. A failure is logged, not fatal.
 * The signal that a round is given aborts when it is to take up nothing new.
 */
export function repeat(
  { name, pauseMs, log }: { readonly name: string; readonly pauseMs: number; readonly log: Log },
  round: (leaving: AbortSignal) => Promise<unknown>,
): Repetition {
  const leaving = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let underWay: Promise<void> = Promise.resolve()

  async function run(): Promise<void> {
    try {
      await round(leaving.signal)
    } catch (error) {
      log.warn({ err: error }, `The ${name} failed; it will be tried again.`)
    }
    if (!leaving.signal.aborted) timer = setTimeout(begin, pauseMs)
  }
  function begin(): void {
    underWay = run()
  }

  function leave(): void {
    leaving.abort()
    clearTimeout(timer)
  }

  begin()
  return {
    leave,
    async stop() {
      leave()
      await underWay
    },
  }
}
