import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { DatabaseSilence, endingInTime, inTime } from './in-time.ts'

const never = new Promise<never>(() => undefined)

test('what is done in time is what it was', async () => {
  expect(await inTime(Promise.resolve(1), 1000)).toBe(1)
  await expect(inTime(Promise.reject(new RangeError('no')), 1000)).rejects.toThrow(RangeError)
})

test('what never ends is ended', async () => {
  await expect(inTime(never, 1)).rejects.toThrow(DatabaseSilence)
})

test('every call of a store ends in time, and is otherwise as it was', async () => {
  const store = endingInTime(
    {
      size: 2,
      double: async (number: number) => number * 2,
      async twice(number: number): Promise<number> {
        return (await this.double(number)) + this.size
      },
      stuck: async (): Promise<number> => never,
      slow: () => pause(5, 'slow'),
    },
    40,
  )
  expect(await store.double(4)).toBe(8)
  expect(await store.twice(4)).toBe(10)
  expect(await store.slow()).toBe('slow')
  expect(store.size).toBe(2)
  await expect(store.stuck()).rejects.toThrow(/did not answer within 40 ms/)
})
