import { PaymentError } from '../domain/errors.ts'

/** What is being done in this process for the payers of an order, and how often that failed a short time ago. */
export interface Starts<T> {
  /**
   * Runs `start` for a payer, or joins what is under way for the same payer: a double click is one start.
   * Undefined when as many other payers of this order are being served at this moment as may be.
   */
  once(orderId: string, payer: string, start: () => Promise<T>): Promise<T> | undefined
  /** Whether as many starts of this order failed within a minute as may; those that were not sent do not count. */
  isExhausted(orderId: string): boolean
}

/** What is counted and bounded, and by which clock. */
export interface StartsBounds {
  /** Payers of one order at the same time, and starts of one order that may fail in a minute. */
  readonly most: number
  readonly now: () => Date
}

const MINUTE_MS = 60_000

interface Failures {
  readonly since: number
  readonly count: number
}

/** Counts failures of orders, each over a minute that begins with the first; forgets the minutes that are over. */
function createFailureCount(now: () => Date) {
  // Oldest first: a minute that is over is removed before the order's next one is put at the end.
  const failures = new Map<string, Failures>()

  function isOver({ since }: Failures, at: number): boolean {
    return at - since >= MINUTE_MS || at < since
  }
  function forget(at: number): void {
    for (const [orderId, counted] of failures) {
      if (!isOver(counted, at)) return
      failures.delete(orderId)
    }
  }
  function of(orderId: string): number {
    forget(now().getTime())
    return failures.get(orderId)?.count ?? 0
  }
  return {
    of,
    add(orderId: string): void {
      const count = of(orderId) + 1
      failures.set(orderId, { since: failures.get(orderId)?.since ?? now().getTime(), count })
    },
  }
}

/** Calls of the merchant are paused: the order has no part in that, and the platform was not called. */
function isNotSent(error: unknown): boolean {
  return error instanceof PaymentError && error.reason === 'paused'
}

/** Nobody is being served yet, and nothing has failed. */
export function createStarts<T>({ most, now }: StartsBounds): Starts<T> {
  const orders = new Map<string, Map<string, Promise<T>>>()
  const failures = createFailureCount(now)

  function leave(orderId: string, payer: string): void {
    const payers = orders.get(orderId)
    payers?.delete(payer)
    if (payers?.size === 0) orders.delete(orderId)
  }
  async function serve(orderId: string, payer: string, start: () => Promise<T>): Promise<T> {
    try {
      return await start()
    } catch (error) {
      if (!isNotSent(error)) failures.add(orderId)
      throw error
    } finally {
      leave(orderId, payer)
    }
  }

  return {
    once(orderId, payer, start) {
      const payers = orders.get(orderId) ?? new Map<string, Promise<T>>()
      const joined = payers.get(payer)
      if (joined !== undefined || payers.size >= most) return joined
      const started = serve(orderId, payer, start)
      orders.set(orderId, payers.set(payer, started))
      return started
    },
    isExhausted: (orderId) => failures.of(orderId) >= most,
  }
}
