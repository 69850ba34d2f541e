import { setTimeout as pause } from 'node:timers/promises'
import type { WechatpayLog } from './account.ts'
import type { Outcome, PlatformCall } from './call.ts'
import type { ExchangeDeps } from './exchange.ts'
import { exchange } from './exchange.ts'

const MAX_TRIES = 3

/** What having several tries needs. */
export interface TriesDeps extends ExchangeDeps {
  readonly log: WechatpayLog
  readonly timeoutMs: number
  readonly deadlineMs: number
  readonly pauseMs: (failures: number) => number
}

/** What all tries of a call came to; `last` is absent when there was no time for one. */
export interface Tried {
  readonly last: Outcome | undefined
  readonly tries: number
  /** Whether the result of a try before the last one is not known. */
  readonly mayHaveHappened: boolean
}

/** About 150 and 450 ms, jittered by a third, so that many callers do not come back in step. */
export function jitteredPauseMs(failures: number): number {
  return 150 * 3 ** (failures - 1) * (0.67 + Math.random() * 0.66)
}

async function pauseUnlessAborted(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await pause(ms, undefined, signal === undefined ? {} : { signal })
  } catch (error) {
    if (signal?.aborted !== true) throw error
  }
}

/** One line for one try: never the body, never the query. */
function report(
  log: WechatpayLog,
  call: PlatformCall,
  tried: { outcome: Outcome; ms: number; try: number },
): void {
  const { outcome, ms } = tried
  const details = {
    platform: 'WECHATPAY',
    method: call.method,
    path: call.path.split('?', 1)[0],
    outTradeNo: call.tradeNo,
    outcome: outcome.kind,
    ...outcome.trace,
    ...(outcome.kind === 'unknown' && { reason: outcome.sentence }),
    ms: Math.round(ms),
    try: tried.try,
  }
  if (outcome.kind === 'answered') log.info(details, 'platform called')
  else log.warn(details, 'platform called')
}

/**
 * Makes what tries a call of one account: a try whose result is not known is repeated with the same body and a fresh
 * signature, at the other host if there is one, at most three times in all and within the deadline.
 */
export function createTries(deps: TriesDeps): (call: PlatformCall) => Promise<Tried> {
  const { account, log, timeoutMs, deadlineMs, pauseMs } = deps
  const hosts = [account.apiBaseUrl, account.apiFallbackUrl ?? account.apiBaseUrl] as const

  async function tryOnce(call: PlatformCall, number: number, leftMs: number): Promise<Outcome> {
    const startedAt = performance.now()
    const timeout = AbortSignal.timeout(Math.ceil(Math.min(timeoutMs, leftMs)))
    const signal = call.signal === undefined ? timeout : AbortSignal.any([timeout, call.signal])
    const baseUrl = number % 2 === 1 ? hosts[0] : hosts[1]
    const outcome = await exchange(call, { baseUrl, signal }, deps)
    report(log, call, { outcome, ms: performance.now() - startedAt, try: number })
    return outcome
  }

  return async function tryAll(call: PlatformCall): Promise<Tried> {
    const endsAt = performance.now() + Math.min(deadlineMs, call.deadlineMs ?? deadlineMs)
    let last: Outcome | undefined
    let tries = 0
    while (tries < MAX_TRIES) {
      if (tries > 0) await pauseUnlessAborted(pauseMs(tries), call.signal)
      const leftMs = endsAt - performance.now()
      if (leftMs <= 0 || call.signal?.aborted === true) break
      tries += 1
      last = await tryOnce(call, tries, leftMs)
      if (last.kind !== 'unknown') break
    }
    return { last, tries, mayHaveHappened: tries > 1 }
  }
}
