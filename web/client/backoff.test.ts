import { expect, onTestFinished, test, vi } from 'vitest'
import { createBackoff, waitMs } from './backoff.ts'

test('waits double from half a second up to 15 seconds', () => {
  expect([0, 1, 2, 3, 4, 5, 50].map((attempt) => waitMs(attempt, 1))).toEqual([
    500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000,
  ])
})

test('chance takes off at most half of a wait', () => {
  expect(waitMs(3, 0)).toBe(2_000)
  expect(waitMs(3, 0.5)).toBe(3_000)
})

test('a wait that is running ends when woken', async () => {
  useFakeTimers()
  const backoff = createBackoff()
  const wait = backoff.wait(5)
  backoff.wake()
  await expect(wait).resolves.toBeUndefined()
  expect(vi.getTimerCount()).toBe(0)
})

test('waking ahead skips the next wait and only that', async () => {
  useFakeTimers()
  const backoff = createBackoff(() => 0)
  backoff.wake(true)
  const skipped = backoff.wait(5)
  await vi.advanceTimersByTimeAsync(0)
  await skipped
  let isOver = false
  const full = backoff.wait(0).then(() => (isOver = true))
  await vi.advanceTimersByTimeAsync(249)
  expect(isOver).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  await full
})

function useFakeTimers(): void {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
}
