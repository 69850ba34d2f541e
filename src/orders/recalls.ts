import type { OrderStore } from '../models/order.ts'
import type { Log } from '../operations/log.ts'
import { createClockSteps } from './clock-steps.ts'
import type { OrderPorts } from './ports.ts'

/** What recalling orders needs. */
export interface RecallParts extends Pick<OrderPorts, 'ladder' | 'closedSchedule' | 'now'> {
  readonly orders: Pick<OrderStore, 'recall'>
  readonly merchants: readonly string[]
  /** A clock that never goes back, in milliseconds. Default: the process's own. */
  readonly elapsedMs?: () => number
  readonly log: Log
}

/** Recalls orders whose next check lies further ahead than it can. */
export interface Recalls {
  /** To be called now and then: begins what is necessary, at first and after the clock was set back. */
  keep(): void
  /** Resolves when nothing is under way. */
  settled(): Promise<void>
}

/**
 * A clock that is ahead for a while moves the next check of each order that is claimed meanwhile just as far ahead, so that
 * the order is not queried for that long. Those are made due when the clock was set back, and at each start.
 */
export function createRecalls(parts: RecallParts): Recalls {
  const { orders, merchants, ladder, closedSchedule, now, log } = parts
  const steps = createClockSteps(now, parts.elapsedMs ?? (() => performance.now()))
  const open = Math.max(...ladder)
  const reach = { open, ended: Math.max(open, ...closedSchedule) }
  let isNecessary = true
  let underWay: Promise<void> | undefined

  async function recall(): Promise<void> {
    isNecessary = false
    try {
      const count = await orders.recall(now(), reach, merchants)
      if (count > 0) log.warn({ orders: count }, 'Orders that a clock ahead of time had put off are due now.')
    } catch (error) {
      isNecessary = true
      log.warn(
        { err: error },
        'Orders that a clock ahead of time put off were not looked for; it is tried again.',
      )
    } finally {
      underWay = undefined
    }
  }

  return {
    keep() {
      const setBackMs = steps.setBackMs()
      if (setBackMs > 0) {
        isNecessary = true
        log.warn({ seconds: Math.round(setBackMs / 1000) }, 'The clock of this machine was set back.')
      }
      if (isNecessary) underWay ??= recall()
    },
    settled: async () => underWay,
  }
}
