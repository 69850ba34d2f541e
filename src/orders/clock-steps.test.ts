import { expect, test } from 'vitest'
import { createClockSteps } from './clock-steps.ts'

function clocks() {
  const at = { wall: 1_000_000, elapsed: 500 }
  const steps = createClockSteps(
    () => new Date(at.wall),
    () => at.elapsed,
  )
  return {
    pass(ms: number): void {
      at.wall += ms
      at.elapsed += ms
    },
    set: (ms: number) => void (at.wall += ms),
    ...steps,
  }
}

test('a clock that was set back is noticed once, by how much it was', () => {
  const { pass, set, setBackMs } = clocks()
  pass(3000)
  expect(setBackMs()).toBe(0)
  set(-86_400_000)
  pass(1000)
  expect([setBackMs(), setBackMs()]).toEqual([86_400_000, 0])
})

test('a clock that was set forward, or corrected by little, was not set back', () => {
  const { set, setBackMs } = clocks()
  set(86_400_000)
  expect(setBackMs()).toBe(0)
  set(-4999)
  expect(setBackMs()).toBe(0)
  set(-4999)
  expect(setBackMs()).toBe(0)
})
