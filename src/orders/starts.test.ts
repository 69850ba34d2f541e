import { expect, test } from 'vitest'
import { createStarts } from './starts.ts'

test('the same payer joins what is under way, and begins anew afterwards', async () => {
  const starts = createStarts<number>(10)
  const first = starts.once('ord_1', 'anna', () => Promise.resolve(1))
  const second = starts.once('ord_1', 'anna', () => Promise.resolve(2))
  expect(await Promise.all([first, second])).toEqual([1, 1])
  expect(await starts.once('ord_1', 'anna', () => Promise.resolve(3))).toBe(3)
})

test('payers of one order beyond the most are told to go, those of others are not', async () => {
  const starts = createStarts<number>(1)
  const first = starts.once('ord_1', 'anna', () => Promise.resolve(1))
  expect(starts.once('ord_1', 'bert', () => Promise.resolve(2))).toBeUndefined()
  expect(await starts.once('ord_2', 'bert', () => Promise.resolve(3))).toBe(3)
  await first
  expect(await starts.once('ord_1', 'bert', () => Promise.resolve(4))).toBe(4)
})

test('a failure makes room again', async () => {
  const starts = createStarts<number>(1)
  await expect(starts.once('ord_1', 'anna', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await starts.once('ord_1', 'bert', () => Promise.resolve(2))).toBe(2)
})
