import type { Model, QueryFilter } from 'mongoose'
import { DUE_INDEX, type OrderRecord } from './order-record.ts'

/** How far ahead of now the next check of an order can lie, in milliseconds, but for that at its expiry. */
export interface ScheduleReach {
  readonly open: number
  readonly ended: number
}

/** Undoes what a clock that was ahead did to the schedule of orders. */
export interface Recall {
  /**
   * Makes due now what lies further ahead than its schedule reaches: a process whose clock was ahead put it there. An order
   * that waits for its own expiry is left alone.
   * @returns how many orders that were
   */
  recall(now: Date, reach: ScheduleReach, merchants: readonly string[]): Promise<number>
}

/** As many as one query of due orders takes. */
const MERCHANTS_AT_ONCE = 100

/** How far the clocks of processes that are right may lie apart, in milliseconds. */
const SKEW_MS = 10_000

/** Registers the recall of orders, one update for a hundred merchants. */
export function recallOf(model: Model<OrderRecord>): Recall {
  async function recallFor(
    merchants: readonly string[],
    now: Date,
    { open, ended }: ScheduleReach,
  ): Promise<number> {
    const after = (ms: number): Date => new Date(now.getTime() + ms + SKEW_MS)
    const openOnes: QueryFilter<OrderRecord> = {
      status: { $in: ['CREATED', 'PENDING'] },
      nextCheckAt: { $gt: after(open) },
      $expr: { $ne: ['$nextCheckAt', '$expiresAt'] },
    }
    const endedOnes: QueryFilter<OrderRecord> = {
      status: { $in: ['PAID', 'CLOSED'] },
      nextCheckAt: { $gt: after(ended) },
    }
    const { modifiedCount } = await model.updateMany(
      {
        merchantId: { $in: [...merchants] },
        // The type must be named as the index names it.
        nextCheckAt: { $gt: after(Math.min(open, ended)), $type: 'date' },
        $or: [openOnes, endedOnes],
      },
      { $set: { nextCheckAt: now } },
      { hint: DUE_INDEX },
    )
    return modifiedCount
  }

  return {
    async recall(now, reach, merchants) {
      let recalled = 0
      for (let start = 0; start < merchants.length; start += MERCHANTS_AT_ONCE)
        recalled += await recallFor(merchants.slice(start, start + MERCHANTS_AT_ONCE), now, reach)
      return recalled
    },
  }
}
