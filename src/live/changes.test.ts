import { expect, test } from 'vitest'
import type { OrderMark } from '../models/order.ts'
import { visitChanges } from './changes.ts'

const BEGINNING = Date.UTC(2026, 0, 1)

/** So many changes, as the store gives them: so many milliseconds lie between one and the next. */
function stored(count: number, msBetween: number) {
  const marks = Array.from({ length: count }, (_, index): OrderMark => {
    const storedAt = new Date(BEGINNING + 1 + Math.floor((count - 1 - index) * msBetween))
    return { id: `ord_${index}`, seq: 1, storedAt }
  })
  const changedSince = async (moment: Date, { limit, until }: { limit: number; until?: Date | undefined }) =>
    marks
      .filter(({ storedAt }) => storedAt > moment && (until === undefined || storedAt <= until))
      .slice(0, limit)
  return { orders: { changedSince }, ids: marks.map(({ id }) => id) }
}

async function visited(orders: ReturnType<typeof stored>['orders']) {
  const seen = new Set<string>()
  let most = 0
  const isWhole = await visitChanges(orders, { since: new Date(BEGINNING), concern: 'local' }, (marks) => {
    most = Math.max(most, marks.length)
    for (const { id } of marks) seen.add(id)
  })
  return { isWhole, seen: [...seen], most }
}

test.each([0, 1, 4999, 5000, 5001, 30_000])('each of %i changes is visited, 5000 at once', async (count) => {
  // Three changes in each millisecond: pages begin and end in the middle of one.
  const { orders, ids } = stored(count, 1 / 3)
  expect(await visited(orders)).toEqual({ isWhole: true, seen: ids, most: Math.min(count, 5000) })
})

test('of more changes than can be visited it is said that they are not all', async () => {
  const { orders } = stored(100_100, 1 / 3)
  expect(await visited(orders)).toMatchObject({ isWhole: false })
})

test('what lies behind more changes of one millisecond than a page has is not taken for seen', async () => {
  const { orders } = stored(6000, 0)
  expect(await visited(orders)).toMatchObject({ isWhole: false })
})
