import { expect, test } from 'vitest'
import { createTokenBuckets, type BucketSize } from './token-buckets.ts'

function buckets(size: Omit<BucketSize, 'nowMs'>) {
  const clock = { ms: 0 }
  const created = createTokenBuckets({ ...size, nowMs: () => clock.ms })
  return { ...created, pass: (ms: number) => void (clock.ms += ms) }
}

test('a bucket gives what it holds, and refills steadily up to its capacity', () => {
  const { tryTake, pass } = buckets({ capacity: 3, perSecond: 2 })
  expect([1, 2, 3, 4].map(() => tryTake('a'))).toEqual([true, true, true, false])
  pass(500)
  expect([tryTake('a'), tryTake('a')]).toEqual([true, false])
  pass(60_000)
  expect(tryTake('a', 3)).toBe(true)
  expect(tryTake('a')).toBe(false)
})

test('every key has a bucket of its own, and a reserve stays in it', () => {
  const { tryTake } = buckets({ capacity: 4, perSecond: 1 })
  expect([tryTake('a', 3, 1), tryTake('a', 1, 1), tryTake('a', 1)]).toEqual([true, false, true])
  expect(tryTake('b', 4)).toBe(true)
})

test('what was spent without being there has to come back first, and the wait is told in seconds', () => {
  const { take, tryTake, secondsUntil, pass } = buckets({ capacity: 10, perSecond: 10 })
  take('a', 40)
  expect([tryTake('a'), secondsUntil('a', 10)]).toEqual([false, 4])
  pass(4000)
  expect(tryTake('a', 10)).toBe(true)
})

test('a clock that is set back takes nothing away', () => {
  const { tryTake, pass } = buckets({ capacity: 1, perSecond: 1 })
  expect(tryTake('a')).toBe(true)
  pass(-60_000)
  expect(tryTake('a')).toBe(false)
  pass(1000)
  expect(tryTake('a')).toBe(true)
})

test('however many keys strangers bring, so many are remembered', () => {
  const { tryTake } = buckets({ capacity: 1, perSecond: 1, maxKeys: 2 })
  expect(['a', 'b', 'c'].map((key) => tryTake(key))).toEqual([true, true, true])
  expect([tryTake('c'), tryTake('a')]).toEqual([false, true])
})
