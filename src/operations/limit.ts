/** Runs work as soon as less than the limit is under way; what waits is served in the order in which it came. */
export type Limit = <T>(work: () => Promise<T>) => Promise<T>

/** A limit of so many pieces of work at the same time. */
export function createLimit(most: number): Limit {
  let free = most
  const waiting: (() => void)[] = []

  async function enter(): Promise<void> {
    if (free === 0) return new Promise((resolve) => void waiting.push(resolve))
    free -= 1
  }
  function leave(): void {
    const next = waiting.shift()
    if (next === undefined) free += 1
    else next()
  }

  return async (work) => {
    await enter()
    try {
      return await work()
    } finally {
      leave()
    }
  }
}
