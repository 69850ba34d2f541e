import { describe, expect, it } from 'vitest'
import { CIRCUIT_BREAKER_LIMITS, createCircuitBreaker, type CallEnd } from './circuit-breaker.ts'
import { recordingLog } from './testing/account.ts'

const { silentCalls, silent, limited } = CIRCUIT_BREAKER_LIMITS

function breakerAt(clock = { ms: 1000 }) {
  const log = recordingLog()
  const breaker = createCircuitBreaker({ log, elapsedMs: () => clock.ms })
  return {
    ...breaker,
    log,
    /** Makes a call that ends so; false when it must not be sent. */
    call(end: CallEnd, retryAfterMs?: number): boolean {
      const ended = breaker.begin()
      ended?.(end, retryAfterMs)
      return ended !== undefined
    },
    pauseMs: () => breaker.pause()?.remainingMs ?? 0,
    /** Moves the clock to the end of the pause. @returns how long the pause was, in ms */
    endPause(): number {
      const ms = breaker.pause()?.remainingMs ?? 0
      clock.ms += ms
      return ms
    },
    pass: (ms: number) => void (clock.ms += ms),
  }
}

function broken() {
  const breaker = breakerAt()
  for (let calls = 0; calls < silentCalls; calls += 1) breaker.call('silent')
  return breaker
}

describe('an account whose calls have no usable answer', () => {
  it('is paused after so many of them in a row', () => {
    const { call, readiness } = breakerAt()
    for (let calls = 1; calls < silentCalls; calls += 1) call('silent')
    expect(readiness()).toBe('ready')
    call('answered')
    for (let calls = 1; calls < silentCalls; calls += 1) call('silent')
    call('abandoned')
    expect(readiness()).toBe('ready')
    call('silent')
    expect(readiness()).toBe('paused')
    expect(call('answered')).toBe(false)
  })

  it('is tried by one call when the pause is over, and is ready once that is answered', () => {
    const { begin, readiness, endPause } = broken()
    endPause()
    expect(readiness()).toBe('trial')
    const end = begin()
    expect([readiness(), begin()]).toEqual(['paused', undefined])
    end?.('answered')
    expect(readiness()).toBe('ready')
  })

  it('is paused for longer each time that the trial fails, up to a bound', () => {
    const { call, endPause } = broken()
    const lengths = Array.from({ length: 8 }, () => {
      const ms = endPause()
      call('silent')
      return ms
    })
    for (const [index, ms] of lengths.entries()) {
      const expected = Math.min(silent.longestMs, silent.firstMs * 2 ** index)
      expect(ms).toBeGreaterThanOrEqual(expected)
      expect(ms).toBeLessThanOrEqual(expected * 1.2 + 1)
    }
  })

  it('is tried again when the trial was given up here', () => {
    const { call, readiness, endPause } = broken()
    endPause()
    call('abandoned')
    expect(readiness()).toBe('trial')
  })

  it('has one line in the log for the beginning of a pause, and one for its end', () => {
    const { call, log, endPause } = broken()
    endPause()
    call('silent')
    endPause()
    call('answered')
    expect(log.lines.map(({ level, details }) => ({ level, ...details }))).toMatchObject([
      { level: 'warn', platform: 'WECHATPAY', cause: 'silent' },
      { level: 'info', platform: 'WECHATPAY', cause: 'silent' },
    ])
  })
})

describe('an account whose calls are limited', () => {
  it('is paused by one such answer; what was sent before does not make the pause longer', () => {
    const { begin, pauseMs, pass } = breakerAt()
    const ends = [begin(), begin(), begin()]
    ends[0]?.('limited')
    const length = pauseMs()
    expect(length).toBeGreaterThanOrEqual(limited.firstMs)
    pass(100)
    ends[1]?.('limited')
    ends[2]?.('answered')
    expect(pauseMs()).toBe(length - 100)
  })

  it('is paused for as long as the platform asks', () => {
    const { call, pauseMs } = breakerAt()
    call('limited', 90_000)
    expect(pauseMs()).toBeGreaterThanOrEqual(90_000)
    expect(pauseMs()).toBeLessThanOrEqual(90_000 * 1.2 + 1)
  })

  it('is paused for longer when it is limited again soon, up to a bound, and not when that is later', () => {
    const { call, endPause, pass } = breakerAt()
    const lengths = Array.from({ length: 8 }, () => {
      call('limited')
      const ms = endPause()
      call('answered')
      return ms
    })
    for (const [index, ms] of lengths.entries())
      expect(ms).toBeGreaterThanOrEqual(Math.min(limited.longestMs, limited.firstMs * 2 ** index))
    expect(Math.max(...lengths)).toBeLessThanOrEqual(limited.longestMs * 1.2 + 1)
    pass(lengths.at(-1) ?? 0)
    call('limited')
    expect(endPause()).toBeLessThanOrEqual(limited.firstMs * 1.2 + 1)
  })
})
