import { isUnseen } from './wake.ts'

/** The time for which a closed order is still watched. */
export interface Grace {
  /** Begins it, or begins it anew. */
  begin(): void
  stop(): void
}

/** Asks for the order; then what to do, by how the end of the time was found. */
export interface GraceEnd {
  /** Resolves with whether there was an answer. */
  readonly ask: () => Promise<boolean>
  readonly success: () => void
  readonly miss: () => void
  /** Nobody looks at the page, so that nothing was asked. */
  readonly unseen: () => void
}

/**
 * Gives money that was on its way the time to arrive. It never ends unasked, nor unseen.
 * @param graceMs 15 minutes unless told otherwise: in these the platform reports a payment six times
 */
export function createGrace(on: GraceEnd, graceMs = 900_000): Grace {
  let timer: ReturnType<typeof setTimeout> | undefined

  async function end(): Promise<void> {
    if (isUnseen()) on.unseen()
    else if (await on.ask()) on.success()
    else on.miss()
  }

  function stop(): void {
    clearTimeout(timer)
  }

  return {
    begin() {
      stop()
      timer = setTimeout(() => void end(), graceMs)
    },
    stop,
  }
}
