/** How much work may wait. */
export interface WaitingLimits {
  /** The most that waits of one key. */
  readonly waiting: number
  /** The most that waits of all keys; each key may have `waitingOfEach` beyond it. */
  readonly waitingOverall: number
  readonly waitingOfEach: number
}

/** Work that waits, by key; each key's in the order in which it came. */
export interface WaitingWork<T> {
  /** False when there is no room for it. */
  add(key: string, item: T): boolean
  /** The keys of which something waits. One from which something is taken goes behind the others. */
  readonly keys: Iterable<string>
  countOf(key: string): number
  first(key: string): T | undefined
  /** Takes the first away. */
  shift(key: string): void
  /** Takes everything of a key away, and gives it back. */
  drop(key: string): readonly T[]
}

/** Nothing waits yet. */
export function createWaitingWork<T>(limits: WaitingLimits): WaitingWork<T> {
  const lists = new Map<string, T[]>()
  let total = 0
  const countOf = (key: string): number => lists.get(key)?.length ?? 0

  function hasRoom(key: string): boolean {
    const count = countOf(key)
    return count < limits.waitingOfEach || (count < limits.waiting && total < limits.waitingOverall)
  }

  return {
    keys: { [Symbol.iterator]: () => lists.keys() },
    countOf,
    add(key, item) {
      if (!hasRoom(key)) return false
      lists.set(key, [...(lists.get(key) ?? []), item])
      total += 1
      return true
    },
    first: (key) => lists.get(key)?.[0],
    shift(key) {
      const [first, ...others] = lists.get(key) ?? []
      if (first === undefined) return
      total -= 1
      lists.delete(key)
      if (others.length > 0) lists.set(key, others)
    },
    drop(key) {
      const dropped = lists.get(key) ?? []
      total -= dropped.length
      lists.delete(key)
      return dropped
    },
  }
}
