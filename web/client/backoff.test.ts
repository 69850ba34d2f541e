import { expect, test } from 'vitest'
import { waitMs } from './backoff.ts'

test('waits double from half a second up to 15 seconds', () => {
  expect([0, 1, 2, 3, 4, 5, 50].map((attempt) => waitMs(attempt, 1))).toEqual([
    500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000,
  ])
})

test('chance takes off at most half of a wait', () => {
  expect(waitMs(3, 0)).toBe(2_000)
  expect(waitMs(3, 0.5)).toBe(3_000)
  expect(waitMs(0)).toBeGreaterThanOrEqual(250)
  expect(waitMs(0)).toBeLessThanOrEqual(500)
})
