import { expect, test } from 'vitest'
import { createLadder } from './ladder.ts'

/** The number of an attempt instead of its wait. */
const counted = (count: number) => createLadder(count, (attempt) => attempt)

test('two failures in a row that never worked lead to the next transport, and from the last one to the best', () => {
  const ladder = counted(2)
  ladder.failed(null)
  expect(ladder.level).toBe(0)
  ladder.failed(null)
  expect(ladder.level).toBe(1)
  ladder.failed(null)
  ladder.failed(null)
  expect(ladder.level).toBe(0)
})

test('one that worked in between does not count as failing in a row', () => {
  const ladder = counted(2)
  ladder.failed(null)
  ladder.worked(0)
  ladder.failed(null)
  expect(ladder.level).toBe(0)
})

test('waits grow while connections end early, and begin anew after one that lasted', () => {
  const ladder = counted(1)
  const fail = (wasUpMs: number): number => {
    ladder.worked(0)
    return ladder.failed(wasUpMs)
  }
  expect([fail(10), fail(10), fail(10_000)]).toEqual([1, 2, 3])
  expect(fail(10_001)).toBe(0)
  expect(fail(10)).toBe(1)
})

test('waits grow with each turn in which nothing worked, until circumstances change', () => {
  const ladder = counted(1)
  const waits = Array.from({ length: 4 }, () => ladder.failed(null))
  expect(waits).toEqual([1, 2, 3, 4])
  ladder.forgive()
  expect(ladder.failed(null)).toBe(1)
})
