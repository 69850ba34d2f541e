import type { WatchedOrder } from './order.ts'

/** Why a watch ended by itself; `refused`: the token is unknown or expired, or there is no such order for it. */
export type WatchEnd = 'paid' | 'closed' | 'refused'

/** Whom to tell of an order. */
export interface Listeners {
  /** Takes the order as it is, then after every change: never an older state after a newer one, none twice. */
  readonly onChange: (order: WatchedOrder) => void
  /** Called once when the watch ended by itself, after `onChange`. */
  readonly onEnd?: (why: WatchEnd) => void
}

/** What is known of an order, and whether anybody still wants to know more. */
export interface Teller {
  /** The newest state. */
  readonly order: WatchedOrder | null
  readonly hasEnded: boolean
  /** From then on nothing is told any more. */
  readonly isStopped: boolean
  /** Tells a state that is newer than the one that is known. PAID is the end. */
  offer(order: WatchedOrder): void
  end(why: WatchEnd): void
  stop(): void
}

/** @param release is called once, at the end: leaves nothing running */
export function createTeller({ onChange, onEnd }: Listeners, release: () => void): Teller {
  let known: WatchedOrder | null = null
  let hasEnded = false
  let isStopped = false

  /** Whether it had not ended before. */
  function rest(): boolean {
    if (hasEnded) return false
    hasEnded = true
    release()
    return true
  }

  return {
    get order() {
      return known
    },
    get hasEnded() {
      return hasEnded
    },
    get isStopped() {
      return isStopped
    },
    offer(order) {
      if (isStopped || (known !== null && order.seq <= known.seq)) return
      known = order
      const isEnd = order.status === 'PAID' && rest()
      onChange(order)
      // oxlint-disable-next-line typescript/no-unnecessary-condition -- onChange may have called stop()
      if (isEnd && !isStopped) onEnd?.('paid')
    },
    end(why) {
      if (rest()) onEnd?.(why)
    },
    stop() {
      isStopped = true
      rest()
    },
  }
}
