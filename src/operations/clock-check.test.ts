import { expect, test } from 'vitest'
import { createClockCheck } from './clock-check.ts'

/** A check whose clock is this far from the platform's, which answers after so many milliseconds. */
function checkAt() {
  const platform = { ms: Date.UTC(2026, 0, 1) + 500, elapsed: 0 }
  const clock = { aheadMs: 0 }
  const lines: { readonly level: string; readonly message: string }[] = []
  const write = (level: string) => (_fields: object, message: string) => void lines.push({ level, message })
  const check = createClockCheck({
    now: () => new Date(platform.ms + clock.aheadMs),
    elapsedMs: () => platform.elapsed,
    log: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
  })
  return {
    ...check,
    lines,
    pass(ms: number): void {
      platform.ms += ms
      platform.elapsed += ms
    },
    /** The platform says its time halfway between the request and its answer. */
    answer(aheadSeconds: number, roundTripMs = 0, times = 3): void {
      clock.aheadMs = aheadSeconds * 1000
      const platformMs = Math.floor((platform.ms - roundTripMs / 2) / 1000) * 1000
      for (let time = 0; time < times; time += 1) check.observe({ platformMs, roundTripMs })
    },
  }
}

test('nothing is known before a platform has answered', () => {
  expect(checkAt().offset()).toBeUndefined()
})

test.each([0, 1, -1, 29, -312, 312, 86_400])('an offset of %i seconds is measured', (seconds) => {
  const { answer, offset } = checkAt()
  answer(seconds)
  expect(offset()).toEqual({ offsetSeconds: seconds, measuredSecondsAgo: 0 })
})

test('it is measured over the round trip, and says how old it is', () => {
  const { answer, offset, pass } = checkAt()
  answer(-40, 3000)
  pass(7000)
  const { offsetSeconds = 0, measuredSecondsAgo } = offset() ?? {}
  expect(Math.abs(offsetSeconds + 40)).toBeLessThanOrEqual(1)
  expect(measuredSecondsAgo).toBe(7)
})

test('an answer that took long, or has no time, says nothing', () => {
  const { answer, observe, offset } = checkAt()
  answer(-400, 4001)
  observe({ platformMs: Number.NaN, roundTripMs: 10 })
  expect(offset()).toBeUndefined()
})

test('a clock that goes wrong has a line when it begins, one when it gets serious, and one when it is right', () => {
  const { answer, lines } = checkAt()
  for (const seconds of [5, -30, -31, -50, -25, -299, -300, -4000, -20, 3]) answer(seconds)
  expect(lines.map(({ level }) => level)).toEqual(['warn', 'error', 'info'])
  expect(lines[0]?.message).toContain("31 seconds behind the platform's")
  expect(lines[1]?.message).toContain("300 seconds behind the platform's")
})

test('a clock that is far off from the beginning has one line', () => {
  const { answer, lines } = checkAt()
  for (const seconds of [400, 401]) answer(seconds)
  expect(lines).toMatchObject([{ level: 'error', message: expect.stringContaining('400 seconds ahead of') }])
})

test('one strange answer, or answers that do not agree, say nothing', () => {
  const { answer, lines, offset } = checkAt()
  answer(0)
  answer(1_767_225_599, 0, 1)
  answer(0)
  for (let time = 0; time < 10; time += 1) answer(time % 2 === 0 ? 400 : 0, 0, 1)
  expect([lines, offset()?.offsetSeconds]).toEqual([[], 0])
})
