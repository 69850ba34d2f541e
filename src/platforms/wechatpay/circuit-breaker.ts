import type { AccountReadiness } from '../platform.ts'
import type { WechatpayLog } from './account.ts'

/**
 * How a call that was sent ended. `answered`: the platform said something that can be used, a refusal too. `limited`: it did
 * not accept the call, because there are too many. `abandoned`: it was given up here.
 */
export type CallEnd = 'answered' | 'silent' | 'limited' | 'abandoned'

/** Why no calls are sent. */
export type PauseCause = Extract<CallEnd, 'silent' | 'limited'>

/** How long pauses are, in milliseconds: the first of several that follow one another, and the longest. */
export interface PauseLengths {
  readonly firstMs: number
  readonly longestMs: number
}

/** When calls of an account are paused, and how long. */
export interface CircuitBreakerLimits extends Readonly<Record<PauseCause, PauseLengths>> {
  /** After so many calls in a row without a usable answer no further one is sent. */
  readonly silentCalls: number
}

/** The limits of every account. */
export const CIRCUIT_BREAKER_LIMITS: CircuitBreakerLimits = {
  silentCalls: 5,
  silent: { firstMs: 5000, longestMs: 60_000 },
  limited: { firstMs: 1000, longestMs: 60_000 },
}

/** A pause so soon after another one, in milliseconds, is its continuation, and longer. */
const RELAPSE_MS = 10_000

/** Every pause is longer by up to this share, so that several processes do not call in step. */
const JITTER = 0.2

/** A pause during which no calls are sent. */
export interface Pause {
  readonly cause: PauseCause
  /** Until the next call is sent, in milliseconds. */
  readonly remainingMs: number
}

/** To be called with how a call that was begun has ended. `retryAfterMs`: how long the platform asks to wait. */
export type EndCall = (end: CallEnd, retryAfterMs?: number) => void

/** Decides whether calls of one account are sent. */
export interface CircuitBreaker {
  readiness(): AccountReadiness
  /** Begins a call; undefined when it must not be sent. */
  begin(): EndCall | undefined
  /** The pause that is under way or being ended by a trial. */
  pause(): Pause | undefined
}

/** What a circuit breaker needs. */
export interface CircuitBreakerDeps {
  readonly log: WechatpayLog
  /** A clock that never goes back, in milliseconds. */
  readonly elapsedMs: () => number
  readonly limits?: CircuitBreakerLimits
}

interface PauseState {
  readonly cause: PauseCause
  /** How many pauses followed one another, this one included. */
  readonly level: number
  readonly lengthMs: number
  readonly endsAt: number
  readonly isTrialUnderWay: boolean
}

/**
 * Pauses the calls of an account after several in a row without a usable answer, and after one that the platform did not
 * accept because there are too many. When the pause is over, one call is sent to try the account: once it is answered,
 * all others are sent again; otherwise a longer pause follows.
 */
export function createCircuitBreaker(deps: CircuitBreakerDeps): CircuitBreaker {
  const { log, elapsedMs, limits = CIRCUIT_BREAKER_LIMITS } = deps
  let silentInARow = 0
  let paused: PauseState | undefined
  let resumed: (Pick<PauseState, 'cause' | 'level' | 'lengthMs'> & { readonly at: number }) | undefined

  function pauseFor(cause: PauseCause, level: number, retryAfterMs: number): void {
    const { firstMs, longestMs } = limits[cause]
    const asked = Math.max(Math.min(longestMs, firstMs * 2 ** (level - 1)), retryAfterMs)
    const lengthMs = Math.round(asked * (1 + Math.random() * JITTER))
    paused = { cause, level, lengthMs, endsAt: elapsedMs() + lengthMs, isTrialUnderWay: false }
  }

  function open(cause: PauseCause, retryAfterMs: number): void {
    const isRelapse =
      resumed?.cause === cause && elapsedMs() - resumed.at < Math.max(RELAPSE_MS, resumed.lengthMs)
    pauseFor(cause, isRelapse ? (resumed?.level ?? 0) + 1 : 1, retryAfterMs)
    silentInARow = 0
    log.warn({ platform: 'WECHATPAY', cause, pauseMs: paused?.lengthMs }, 'calls to the platform are paused')
  }

  function resume({ cause, level, lengthMs }: PauseState): void {
    resumed = { cause, level, lengthMs, at: elapsedMs() }
    paused = undefined
    log.info({ platform: 'WECHATPAY', cause }, 'calls to the platform are sent again')
  }

  function endTrial(trial: PauseState, end: CallEnd, retryAfterMs: number): void {
    if (end === 'answered') resume(trial)
    else if (end === 'abandoned') paused = { ...trial, isTrialUnderWay: false }
    else pauseFor(end === 'limited' ? end : trial.cause, trial.level + 1, retryAfterMs)
  }

  function endCall(end: CallEnd, retryAfterMs: number): void {
    if (end === 'answered') silentInARow = 0
    // What was sent before the pause began says nothing new about it.
    if (paused !== undefined) return
    if (end === 'silent') silentInARow += 1
    if (end === 'limited') open('limited', retryAfterMs)
    else if (silentInARow >= limits.silentCalls) open('silent', 0)
  }

  function readiness(): AccountReadiness {
    if (paused === undefined) return 'ready'
    return paused.isTrialUnderWay || elapsedMs() < paused.endsAt ? 'paused' : 'trial'
  }

  return {
    readiness,
    begin() {
      const now = readiness()
      if (now === 'paused') return undefined
      if (now === 'ready' || paused === undefined)
        return (end, retryAfterMs = 0) => endCall(end, retryAfterMs)
      const trial: PauseState = { ...paused, isTrialUnderWay: true }
      paused = trial
      return (end, retryAfterMs = 0) => endTrial(trial, end, retryAfterMs)
    },
    pause: () => paused && { cause: paused.cause, remainingMs: Math.max(0, paused.endsAt - elapsedMs()) },
  }
}
