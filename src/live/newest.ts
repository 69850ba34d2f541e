/** Holds the newest value for one reader: a slow reader misses values between, and costs the memory of one. */
export interface Newest<T> {
  /** Hands over a value; with `isLast` nothing is taken after it. */
  offer(value: T, isLast: boolean): void
  end(): void
  /** The newest value that was not taken yet, or the next one. One call at a time. */
  take(): Promise<IteratorResult<T>>
}

/** A slot that is still empty. */
export function newestOf<T>(): Newest<T> {
  let waiting: ((result: IteratorResult<T>) => void) | undefined
  let newest: { readonly value: T } | undefined
  let isDone = false

  function hand(result: IteratorResult<T>): boolean {
    const reader = waiting
    waiting = undefined
    reader?.(result)
    return reader !== undefined
  }

  return {
    offer(value, isLast) {
      if (isDone) return
      isDone = isLast
      if (!hand({ done: false, value })) newest = { value }
    },
    end() {
      isDone = true
      hand({ done: true, value: undefined })
    },
    take() {
      const taken = newest
      newest = undefined
      if (taken !== undefined) return Promise.resolve({ done: false, value: taken.value })
      if (isDone) return Promise.resolve({ done: true, value: undefined })
      return new Promise((resolve) => {
        waiting = resolve
      })
    },
  }
}
