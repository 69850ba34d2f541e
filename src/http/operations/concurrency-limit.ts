import type { GraphQLError } from 'graphql'
import { clientDisconnected, tooManyRequests } from './refusals.ts'

/** Gives back what was taken; calling it again does nothing. */
export type Release = () => void

/** What one operation takes of a limit. */
export interface Demand {
  readonly holder: string
  /** How much it takes; when that is more than the limit, it takes the whole limit. */
  readonly weight: number
  /** The most that the operations of this holder take at once. */
  readonly perHolder: number
  /** How many operations of this holder may wait. */
  readonly waiting: number
  /** True when the client is not connected any more. */
  readonly isDisconnected?: () => boolean
}

/** Limits what is executed at once. Operations above the limit wait; holders are served round robin. */
export interface ConcurrencyLimit {
  /** Resolves when the demand is met. @throws TOO_MANY_REQUESTS when too many wait, or after too long */
  acquire(demand: Demand): Promise<Release>
}

interface Waiter {
  readonly demand: Demand
  readonly admit: (release: Release) => void
  readonly refuse: (error: GraphQLError) => void
}

interface Queue {
  used: number
  readonly waiters: Waiter[]
}

interface WaitOptions {
  readonly waitMs: number
  readonly onTimeout: () => void
}

function waitIn(queue: Queue, demand: Demand, { waitMs, onTimeout }: WaitOptions): Promise<Release> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      queue.waiters.splice(queue.waiters.indexOf(waiter), 1)
      onTimeout()
      const sentence = 'Too many operations of this caller are being executed; try again later.'
      waiter.refuse(tooManyRequests(sentence, 1))
    }, waitMs)
    const waiter: Waiter = {
      demand,
      admit(release) {
        clearTimeout(timer)
        resolve(release)
      },
      refuse(error) {
        clearTimeout(timer)
        reject(error)
      },
    }
    queue.waiters.push(waiter)
  })
}

/** The next waiter whose client is connected. Those before it are refused, and take nothing. */
function nextConnected({ waiters }: Queue): Waiter | undefined {
  for (;;) {
    const [first] = waiters
    if (first?.demand.isDisconnected?.() !== true) return first
    waiters.shift()
    first.refuse(clientDisconnected())
  }
}

/** What is taken of a limit, by each holder and by all together. */
function createUsage(overall: number) {
  let used = 0
  const weightOf = ({ weight, perHolder }: Demand): number => Math.min(weight, perHolder, overall)
  return {
    fitsHolder: (queue: Queue, demand: Demand): boolean => queue.used + weightOf(demand) <= demand.perHolder,
    fitsOverall: (demand: Demand): boolean => used + weightOf(demand) <= overall,
    take(queue: Queue, demand: Demand, onRelease: () => void): Release {
      const weight = weightOf(demand)
      queue.used += weight
      used += weight
      let isHeld = true
      return () => {
        if (!isHeld) return
        isHeld = false
        queue.used -= weight
        used -= weight
        onRelease()
      }
    },
  }
}

/** The bounds of a concurrency limit. */
export interface ConcurrencyBounds {
  /** What all holders together may take. */
  readonly overall: number
  /** How long an operation may wait, in milliseconds. */
  readonly waitMs: number
}

/** A limit of which nothing is taken. */
export function createConcurrencyLimit({ overall, waitMs }: ConcurrencyBounds): ConcurrencyLimit {
  const queues = new Map<string, Queue>()
  /** The holders that have waiters, in the order in which they are served. */
  const waiting = new Map<string, Queue>()
  const { fitsHolder, fitsOverall, take } = createUsage(overall)

  /** Stops at a waiter that only the overall limit holds up: smaller ones must not overtake it again and again. */
  function admitWaiting(): void {
    for (const [holder, queue] of waiting) {
      const first = nextConnected(queue)
      if (first === undefined) forget(holder, queue)
      if (first === undefined || !fitsHolder(queue, first.demand)) continue
      if (!fitsOverall(first.demand)) return
      queue.waiters.shift()
      waiting.delete(holder)
      if (queue.waiters.length > 0) waiting.set(holder, queue)
      first.admit(take(queue, first.demand, () => changed(holder, queue)))
    }
  }

  /** Of a queue without waiters nothing is kept when it holds nothing either. */
  function forget(holder: string, queue: Queue): void {
    waiting.delete(holder)
    if (queue.used === 0) queues.delete(holder)
  }

  /** A demand was released, or has waited too long. */
  function changed(holder: string, queue: Queue): void {
    admitWaiting()
    if (queue.waiters.length === 0) forget(holder, queue)
  }

  function isOverallAwaited(): boolean {
    for (const queue of waiting.values()) {
      const [first] = queue.waiters
      if (first !== undefined && fitsHolder(queue, first.demand)) return true
    }
    return false
  }

  return {
    async acquire(demand) {
      const { holder } = demand
      const queue = queues.get(holder) ?? { used: 0, waiters: [] }
      const isFirst = queue.waiters.length === 0 && !isOverallAwaited()
      const isFree = isFirst && fitsHolder(queue, demand) && fitsOverall(demand)
      if (!isFree && queue.waiters.length >= demand.waiting) {
        const sentence = `At most ${demand.waiting} operations of one caller may wait; try again later.`
        throw tooManyRequests(sentence, 1)
      }
      queues.set(holder, queue)
      if (isFree) return take(queue, demand, () => changed(holder, queue))
      waiting.set(holder, queue)
      return waitIn(queue, demand, { waitMs, onTimeout: () => changed(holder, queue) })
    },
  }
}
