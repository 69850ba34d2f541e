import { createWaitingWork, type WaitingLimits } from './waiting-work.ts'

/** How much may be under way, and may wait. */
export interface WorkLimits extends WaitingLimits {
  /** The most that is under way, besides one of each key. */
  readonly overall: number
}

/** What work queues need to know of the work. */
export interface WorkDeps<T> {
  readonly limits: WorkLimits
  readonly keyOf: (item: T) => string
  /** What is waiting or under way under an id is not taken in again. */
  readonly idOf: (item: T) => string
  /** How much of a key may be under way now; asked before each beginning. At 0 everything of it that waits is dropped. */
  readonly concurrencyOf: (key: string) => number
  /** Asked immediately before the work begins; when false, everything of its key that waits is dropped. */
  readonly mayBegin: (item: T) => boolean
  /** Never rejects. */
  readonly work: (item: T) => Promise<void>
}

/** Queues of work, one for each key. A key never waits until work of another one has ended. */
export interface WorkQueues<T> {
  /** Whether nothing of a key waits, and something could begin. */
  hasRoom(key: string): boolean
  /** Takes work in, and begins as much as may begin. What there is no room for is ignored. */
  add(items: readonly T[]): void
  /** Resolves when nothing is under way any more, and nothing waits. */
  settled(): Promise<void>
}

/** Counts what is under way, for each key and in all. */
function createCounts() {
  const counts = new Map<string, number>()
  let total = 0
  return {
    of: (key: string): number => counts.get(key) ?? 0,
    total: () => total,
    add(key: string, change: 1 | -1): void {
      total += change
      counts.set(key, (counts.get(key) ?? 0) + change)
    },
  }
}

/** Empty queues. */
export function createWorkQueues<T>(deps: WorkDeps<T>): WorkQueues<T> {
  const { limits, keyOf, idOf, concurrencyOf, mayBegin, work } = deps
  const waiting = createWaitingWork<T>(limits)
  const underWay = createCounts()
  const running = new Set<Promise<void>>()
  const ids = new Set<string>()

  function drop(key: string): void {
    for (const item of waiting.drop(key)) ids.delete(idOf(item))
  }

  async function run(key: string, item: T): Promise<void> {
    underWay.add(key, 1)
    try {
      await work(item)
    } finally {
      underWay.add(key, -1)
      ids.delete(idOf(item))
    }
  }

  function begin(key: string, item: T): void {
    waiting.shift(key)
    const ended = run(key, item).finally(() => {
      running.delete(ended)
      beginMore()
    })
    running.add(ended)
  }

  /** Begins one item of each key in turn, for as long as something may begin. */
  function beginMore(): void {
    // A key goes behind the others with each beginning, so that this loop comes to it once more.
    for (const key of waiting.keys) {
      const concurrency = concurrencyOf(key)
      if (concurrency === 0) drop(key)
      const count = underWay.of(key)
      const first = waiting.first(key)
      const isFree = count === 0 || (count < concurrency && underWay.total() < limits.overall)
      if (first === undefined || !isFree) continue
      if (mayBegin(first)) begin(key, first)
      else drop(key)
    }
  }

  return {
    hasRoom: (key) => waiting.countOf(key) === 0 && concurrencyOf(key) > 0,
    add(items) {
      for (const item of items)
        if (!ids.has(idOf(item)) && waiting.add(keyOf(item), item)) ids.add(idOf(item))
      beginMore()
    },
    async settled() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}
