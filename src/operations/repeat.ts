import type { Log } from './log.ts'

/** Something that is done again and again. */
export interface Repetition {
  /** No further round begins; resolves when the one under way has ended. */
  stop(): Promise<void>
}

/** Runs `round` at once and then again, `pauseMs` after the round before has ended. A failure is logged, not fatal. */
export function repeat(
  { name, pauseMs, log }: { readonly name: string; readonly pauseMs: number; readonly log: Log },
  round: () => Promise<unknown>,
): Repetition {
  let isStopped = false
  let timer: NodeJS.Timeout | undefined
  let underWay: Promise<void> = Promise.resolve()

  async function run(): Promise<void> {
    try {
      await round()
    } catch (error) {
      log.warn({ err: error }, `The ${name} failed; it will be tried again.`)
    }
    if (!isStopped) timer = setTimeout(begin, pauseMs)
  }
  function begin(): void {
    underWay = run()
  }

  begin()
  return {
    async stop() {
      isStopped = true
      clearTimeout(timer)
      await underWay
    },
  }
}
