/** Holds values for one reader, up to a bound. */
export interface Queue<T> {
  /** Hands over a value. One too many, and all that wait make room for `overflow`, after which nothing is taken. */
  offer(value: T): void
  end(): void
  /** The oldest value that was not taken yet, or the next one. One call at a time. */
  take(): Promise<IteratorResult<T>>
}

/** An empty queue for up to `limit` values. */
export function boundedQueue<T>(limit: number, overflow: T): Queue<T> {
  let waiting: ((result: IteratorResult<T>) => void) | undefined
  let values: T[] = []
  let isDone = false

  function hand(result: IteratorResult<T>): boolean {
    const reader = waiting
    waiting = undefined
    reader?.(result)
    return reader !== undefined
  }

  return {
    offer(value) {
      if (isDone || hand({ done: false, value })) return
      isDone = values.length >= limit
      if (isDone) values = [overflow]
      else values.push(value)
    },
    end() {
      isDone = true
      hand({ done: true, value: undefined })
    },
    take() {
      const [value] = values.splice(0, 1)
      if (value !== undefined) return Promise.resolve({ done: false, value })
      if (isDone) return Promise.resolve({ done: true, value: undefined })
      return new Promise((resolve) => {
        waiting = resolve
      })
    },
  }
}
