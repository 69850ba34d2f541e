import { expect, test } from 'vitest'
import { createDepartures } from './departures.ts'

/** So many open streams, and when each of them was told to come back, in milliseconds. */
function openStreams(count: number) {
  const departures = createDepartures()
  const told: number[] = []
  const open = () => departures.add(() => void told.push(performance.now()))
  return { departures, told, open, takeOut: Array.from({ length: count }, open) }
}

test('every open stream is told once, and one that has ended is not', async () => {
  const { departures, told, takeOut } = openStreams(3)
  takeOut[1]?.()
  await departures.departAll()
  expect([told.length, departures.isLeaving]).toEqual([2, true])
  await departures.departAll()
  expect(told).toHaveLength(2)
})

test('many streams are told at moments of their own', async () => {
  const { departures, told } = openStreams(200)
  await departures.departAll()
  expect(told).toHaveLength(200)
  // They have 800 ms; all of them would be told within some milliseconds otherwise.
  expect(Math.max(...told) - Math.min(...told)).toBeGreaterThan(200)
})

test('one that is let in after the others were told is told at once', async () => {
  const { departures, told, open } = openStreams(0)
  await departures.departAll()
  open()
  expect(told).toHaveLength(1)
})
