import type { Log } from './log.ts'

/** How far this machine's clock is from that of a platform. */
export interface ClockOffset {
  /** Whole seconds; negative when this clock is behind. */
  readonly offsetSeconds: number
  /** How long ago a platform said its time, in whole seconds. */
  readonly measuredSecondsAgo: number
}

/** The time in an answer of a platform. */
export interface PlatformTime {
  /** The header `Date` of the answer, in milliseconds since 1970; whole seconds. */
  readonly platformMs: number
  /** From the request until the head of the answer, in milliseconds. */
  readonly roundTripMs: number
}

/** Compares this machine's clock with what platforms say of the time in their answers. */
export interface ClockCheck {
  /** To be called when the head of an answer has arrived. */
  observe(time: PlatformTime): void
  /** Undefined until a platform has said its time. */
  offset(): ClockOffset | undefined
}

/** What the check needs. */
export interface ClockCheckDeps {
  readonly now: () => Date
  /** A clock that never goes back, in milliseconds. */
  readonly elapsedMs?: () => number
  readonly log: Log
}

/** An answer that took longer says too little, in milliseconds. */
const MAX_ROUND_TRIP_MS = 4000

/** `Date` has whole seconds, so on average it is late by half of one. */
const HALF_SECOND_MS = 500

/** From here on a clock is wrong, and from here on it is right again, in seconds. */
const WRONG_SECONDS = 30
const RIGHT_SECONDS = 20

/** From here on platforms and this gateway refuse each other's messages, in seconds. */
const USELESS_SECONDS = 300

type Judgement = 'right' | 'wrong' | 'useless'

function judge(offsetSeconds: number, before: Judgement): Judgement {
  const distance = Math.abs(offsetSeconds)
  if (distance >= USELESS_SECONDS) return 'useless'
  return distance > (before === 'right' ? WRONG_SECONDS : RIGHT_SECONDS) ? 'wrong' : 'right'
}

function sentenceOf(offsetSeconds: number): string {
  const where = offsetSeconds < 0 ? 'behind' : 'ahead of'
  const distance = Math.abs(offsetSeconds)
  return `The clock of this machine is ${distance} seconds ${where} the platform's; from ${USELESS_SECONDS} seconds on, notifications and answers are refused. Set it right.`
}

/** So many answers in a row must agree, within so many seconds: one alone may be a proxy's, a cache's or a forger's. */
const AGREEING = 3
const AGREEMENT_SECONDS = 5

function middleOf(offsets: readonly number[]): number {
  return offsets.toSorted((one, other) => one - other)[Math.floor(offsets.length / 2)] ?? 0
}

/** Nothing is known yet. Each change of the judgement has one line in the log. */
export function createClockCheck({ now, log, ...deps }: ClockCheckDeps): ClockCheck {
  const elapsedMs = deps.elapsedMs ?? (() => performance.now())
  let measured: { readonly offsetSeconds: number; readonly at: number } | undefined
  let judgement: Judgement = 'right'
  let newest: readonly number[] = []

  /** The offset on which the newest answers agree; undefined while they do not. The very first one counts alone. */
  function agreed(offsetSeconds: number): number | undefined {
    newest = [...newest, offsetSeconds].slice(-AGREEING)
    if (measured === undefined) return offsetSeconds
    const isAgreed = Math.max(...newest) - Math.min(...newest) <= AGREEMENT_SECONDS
    return isAgreed && newest.length === AGREEING ? middleOf(newest) : undefined
  }

  function report(offsetSeconds: number, before: Judgement): void {
    if (judgement === before) return
    const fields = { offsetSeconds }
    if (judgement === 'useless') log.error(fields, sentenceOf(offsetSeconds))
    else if (judgement === 'wrong') log.warn(fields, sentenceOf(offsetSeconds))
    else log.info(fields, 'The clock of this machine agrees with that of the platform again.')
  }

  return {
    observe({ platformMs, roundTripMs }) {
      if (!Number.isFinite(platformMs) || roundTripMs > MAX_ROUND_TRIP_MS) return
      const askedHalfway = now().getTime() - roundTripMs / 2
      const offsetSeconds = agreed(Math.round((askedHalfway - platformMs - HALF_SECOND_MS) / 1000))
      if (offsetSeconds === undefined) return
      measured = { offsetSeconds: offsetSeconds === 0 ? 0 : offsetSeconds, at: elapsedMs() }
      const before = judgement
      judgement = judge(offsetSeconds, before)
      report(offsetSeconds, before)
    },
    offset: () =>
      measured && {
        offsetSeconds: measured.offsetSeconds,
        measuredSecondsAgo: Math.round((elapsedMs() - measured.at) / 1000),
      },
  }
}
