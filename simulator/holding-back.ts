import { setTimeout as wait } from 'node:timers/promises'

/** Waits so many milliseconds, or until the signal aborts; resolves in both cases. */
export const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  try {
    await wait(ms, undefined, { signal })
  } catch (cause) {
    if (!signal.aborted) throw cause
  }
}

/** A place for one notification that lets another go first. */
export type WaitingPlace = {
  readonly isTaken: () => boolean
  /** Resolves once another notification was delivered, or the signal aborts. */
  readonly wait: (id: string, signal: AbortSignal) => Promise<void>
  /** Tells that a notification was delivered. */
  readonly passed: (id: string) => void
}

/** One place only: two that let each other go first would both wait for ever. */
export function createWaitingPlace(): WaitingPlace {
  let waiting: { readonly id: string; readonly go: () => void } | undefined
  return {
    isTaken: () => waiting !== undefined,
    wait: async (id, signal) => {
      await new Promise<void>((resolve) => {
        waiting = { id, go: resolve }
        signal.addEventListener('abort', () => resolve(), { once: true })
        if (signal.aborted) resolve()
      })
      waiting = undefined
    },
    passed: (id) => {
      if (waiting && waiting.id !== id) waiting.go()
    },
  }
}
