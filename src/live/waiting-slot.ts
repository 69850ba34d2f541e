/** Where the one reader of a stream waits when nothing is kept for it. */
export interface WaitingSlot<T> {
  /** True once nothing more may be handed over. */
  readonly isEnded: boolean
  /** Gives the value to the reader that waits; false when none does, and the value has to be kept. */
  hand(value: T): boolean
  /** Nothing is handed over from now on; what is kept may still be taken. */
  end(): void
  /** What is kept, or what is handed over next. One call at a time. */
  take(): Promise<IteratorResult<T>>
}

/** A slot in which nobody waits. `nextKept` takes out what is to be read next, undefined when nothing is kept. */
export function waitingSlot<T>(nextKept: () => { readonly value: T } | undefined): WaitingSlot<T> {
  let waiting: ((result: IteratorResult<T>) => void) | undefined
  let isEnded = false

  function answer(result: IteratorResult<T>): boolean {
    const reader = waiting
    waiting = undefined
    reader?.(result)
    return reader !== undefined
  }

  return {
    get isEnded() {
      return isEnded
    },
    hand: (value) => answer({ done: false, value }),
    end() {
      isEnded = true
      answer({ done: true, value: undefined })
    },
    take() {
      const kept = nextKept()
      if (kept !== undefined) return Promise.resolve({ done: false, value: kept.value })
      if (isEnded) return Promise.resolve({ done: true, value: undefined })
      return new Promise((resolve) => {
        waiting = resolve
      })
    },
  }
}
