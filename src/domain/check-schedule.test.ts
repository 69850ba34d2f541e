import { expect, test } from 'vitest'
import { checkAfterChange, nextCheck, type Ladder } from './check-schedule.ts'
import { decideCreation } from './decide.ts'
import { fold } from './evolve.ts'
import { toFen } from './money.ts'

const LADDER: Ladder = [30_000, 60_000, 180_000]
const NOW = new Date('2026-01-01T00:00:00Z')
const after = (milliseconds: number): Date => new Date(NOW.getTime() + milliseconds)
const created = fold([
  decideCreation(
    { orderId: 'ord_1', merchantId: 'acme' },
    {
      outTradeNo: 'T00001',
      description: 'tea',
      amount: { total: toFen(100), currency: 'CNY' },
      expiresAt: after(7_200_000),
      metadata: null,
    },
    NOW,
  ),
])
const pending = { ...created, status: 'PENDING' as const }

test('an order without a payment is looked at when it expires', () => {
  expect(checkAfterChange({ before: undefined, after: created }, LADDER, NOW)).toEqual({
    dueAt: created.expiresAt,
    rung: 0,
  })
})

test('a payment that was started is asked about after the first wait', () => {
  expect(checkAfterChange({ before: created, after: pending }, LADDER, NOW)).toEqual({
    dueAt: after(30_000),
    rung: 0,
  })
})

test('a change that leaves the status leaves the schedule', () => {
  expect(checkAfterChange({ before: pending, after: pending }, LADDER, NOW)).toBeUndefined()
})

test.each(['PAID', 'CLOSED'] as const)('nobody asks about an order that is %s', (status) => {
  expect(checkAfterChange({ before: pending, after: { ...pending, status } }, LADDER, NOW)).toBeNull()
})

test('each question is followed by the next wait, and the last one repeats', () => {
  const waits = [0, 1, 2, 7].map(
    (rung) => nextCheck(created.expiresAt, rung, { ladder: LADDER, now: NOW }).dueAt,
  )
  expect(waits).toEqual([after(60_000), after(180_000), after(180_000), after(180_000)])
})

test('no question is asked past the expiry without one at it', () => {
  expect(nextCheck(after(10_000), 0, { ladder: LADDER, now: NOW }).dueAt).toEqual(after(10_000))
  expect(nextCheck(after(-1), 0, { ladder: LADDER, now: NOW }).dueAt).toEqual(after(60_000))
})
