import { setTimeout as pause } from 'node:timers/promises'
import { callerError } from '../../resolvers/errors.ts'

/** The streams that are open in this process, over whichever transport, and how each of them is told to come back. */
export interface Departures {
  /** True when no new stream may be opened here. */
  readonly isLeaving: boolean
  /** From now on no new stream may be opened here. Those that are open go on. */
  leave(): void
  /**
   * Adds an open stream; `depart` tells its client to come back, and must not throw. For one that was let in just before
   * the others were told, it is called at once. The answer takes it out again.
   */
  add(depart: () => void): () => void
  /** Tells every open stream to come back, each at a moment of its own, and resolves when all were told. */
  departAll(): Promise<void>
}

/**
 * So many milliseconds for each open stream, and no more for all of them. Clients that are all told at once come back at
 * once, and ask the next process for all their orders in the same moment; a handful need not be kept waiting.
 */
const SPREAD_EACH_MS = 4
const LONGEST_SPREAD_MS = 2000

/** Nothing is open yet. */
export function createDepartures(): Departures {
  const open = new Set<() => void>()
  let isLeaving = false
  let isDeparting = false

  async function departLater(depart: () => void, windowMs: number): Promise<void> {
    await pause(Math.random() * windowMs)
    if (open.delete(depart)) depart()
  }

  return {
    get isLeaving() {
      return isLeaving
    },
    leave() {
      isLeaving = true
    },
    add(depart) {
      if (isDeparting) depart()
      else open.add(depart)
      return () => void open.delete(depart)
    },
    async departAll() {
      isLeaving = true
      isDeparting = true
      const windowMs = Math.min(LONGEST_SPREAD_MS, open.size * SPREAD_EACH_MS)
      await Promise.all([...open].map((depart) => departLater(depart, windowMs)))
    },
  }
}

/** What is said to who wants a stream from a process that is about to stop. */
export function comeBack() {
  return callerError('UNAVAILABLE', 'This process is about to stop; please come back at once.')
}
