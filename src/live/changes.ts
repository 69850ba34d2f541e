import type { OrderMark, OrderStore } from '../models/order.ts'
import type { ReadConcern } from '../models/read-concern.ts'

/** Changes that one query gives: its answer must not keep the process busy for long. */
const PAGE_CHANGES = 5000

/** Changes that one look goes through: 3300 a second for the 30 seconds that it goes back. */
const MAX_CHANGES = 100_000

/** Which changes a look is about. */
export interface ChangesWanted {
  readonly since: Date
  readonly concern: ReadConcern
}

/**
 * Goes through the orders that changed since a moment, page by page, those that were stored last first. An order that changes
 * meanwhile is stored later, and found by the next look.
 * @returns false when there are more than could be gone through
 */
export async function visitChanges(
  orders: Pick<OrderStore, 'changedSince'>,
  { since, concern }: ChangesWanted,
  visit: (marks: readonly OrderMark[]) => Promise<void> | void,
): Promise<boolean> {
  let until: Date | undefined
  for (let visited = 0; visited < MAX_CHANGES; visited += PAGE_CHANGES) {
    const marks = await orders.changedSince(since, { limit: PAGE_CHANGES, until, concern })
    await visit(marks)
    const last = marks[PAGE_CHANGES - 1]
    if (last === undefined) return true
    // The next page begins in the same millisecond. When that fills a page, what lies behind it cannot be reached.
    if (last.storedAt.getTime() === until?.getTime()) return false
    until = last.storedAt
  }
  return false
}
