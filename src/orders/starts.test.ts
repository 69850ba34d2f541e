import { expect, test } from 'vitest'
import { PaymentError } from '../domain/errors.ts'
import { createStarts } from './starts.ts'

const now = (): Date => new Date(0)

test('the same payer joins what is under way, and begins anew afterwards', async () => {
  const starts = createStarts<number>({ most: 10, now })
  const first = starts.once('ord_1', 'anna', () => Promise.resolve(1))
  const second = starts.once('ord_1', 'anna', () => Promise.resolve(2))
  expect(await Promise.all([first, second])).toEqual([1, 1])
  expect(await starts.once('ord_1', 'anna', () => Promise.resolve(3))).toBe(3)
})

test('payers of one order beyond the most are told to go, those of others are not', async () => {
  const starts = createStarts<number>({ most: 1, now })
  const first = starts.once('ord_1', 'anna', () => Promise.resolve(1))
  expect(starts.once('ord_1', 'bert', () => Promise.resolve(2))).toBeUndefined()
  expect(await starts.once('ord_2', 'bert', () => Promise.resolve(3))).toBe(3)
  await first
  expect(await starts.once('ord_1', 'bert', () => Promise.resolve(4))).toBe(4)
})

test('a failure makes room again', async () => {
  const starts = createStarts<number>({ most: 1, now })
  await expect(starts.once('ord_1', 'anna', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await starts.once('ord_1', 'bert', () => Promise.resolve(2))).toBe(2)
})

test('an order is exhausted for the rest of the minute in which too many starts of it failed', async () => {
  const clock = { ms: 0 }
  const starts = createStarts<number>({ most: 2, now: () => new Date(clock.ms) })
  const fail = (orderId: string) => starts.once(orderId, 'anna', () => Promise.reject(new Error('no')))
  await expect(fail('ord_1')).rejects.toThrow('no')
  clock.ms = 59_000
  expect(starts.isExhausted('ord_1')).toBe(false)
  await expect(fail('ord_1')).rejects.toThrow('no')
  await expect(fail('ord_2')).rejects.toThrow('no')
  expect([starts.isExhausted('ord_1'), starts.isExhausted('ord_2')]).toEqual([true, false])
  clock.ms = 60_000
  expect(starts.isExhausted('ord_1')).toBe(false)
  await expect(fail('ord_2')).rejects.toThrow('no')
  expect(starts.isExhausted('ord_2')).toBe(true)
})

test('a start that succeeds exhausts nothing', async () => {
  const starts = createStarts<number>({ most: 1, now })
  await starts.once('ord_1', 'anna', () => Promise.resolve(1))
  expect(starts.isExhausted('ord_1')).toBe(false)
})

test('a start that was not sent because calls are paused exhausts nothing', async () => {
  const starts = createStarts<number>({ most: 1, now })
  const paused = new PaymentError('PLATFORM_UNAVAILABLE', 'It was not sent.', { reason: 'paused' })
  await expect(starts.once('ord_1', 'anna', () => Promise.reject(paused))).rejects.toThrow('not sent')
  expect(starts.isExhausted('ord_1')).toBe(false)
})
