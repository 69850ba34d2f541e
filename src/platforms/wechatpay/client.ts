import { setTimeout as pause } from 'node:timers/promises'
import { PaymentError } from '../../domain/errors.ts'
import type { WechatpayLog } from './account.ts'
import type { Outcome, PlatformCall } from './call.ts'
import type { ExchangeDeps } from './exchange.ts'
import { exchange } from './exchange.ts'

const MAX_TRIES = 3

/** How a call ended after all its tries. `error` is thrown by a caller to whom its `reason` is no answer. */
export type CallResult =
  | { readonly kind: 'answered'; readonly status: number; readonly body: Buffer }
  | { readonly kind: 'failed'; readonly error: PaymentError }

/** Calls the platform. */
export interface WechatpayClient {
  /**
   * Gives the verified bytes of the answer.
   * @throws {PaymentError} PLATFORM_REFUSED when the platform says no; PLATFORM_UNAVAILABLE when after all tries its
   * answer is not known
   */
  call(call: PlatformCall): Promise<Buffer>
  /** Says how the call ended, for a caller to whom a refusal is an answer too. Throws only for bugs. */
  ask(call: PlatformCall): Promise<CallResult>
  /** Ends the calls under way, and every later one before its first try, as calls whose answer is not known. */
  close(): void
}

/** What a client needs: for one try, and for having several. */
export interface ClientDeps extends ExchangeDeps {
  readonly log: WechatpayLog
  readonly timeoutMs: number
  readonly deadlineMs: number
  readonly pauseMs: (failures: number) => number
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

function nameOf({ method, path, tradeNo }: PlatformCall): string {
  const about = tradeNo === undefined ? '' : ` for ${tradeNo}`
  return `${method} ${path.split('?', 1)[0]}${about}`
}

function refusal(call: PlatformCall, outcome: Extract<Outcome, { kind: 'refused' }>): PaymentError {
  const { code, message, trace, reason } = outcome
  const request = trace.requestId === undefined ? '' : ` (request ${trace.requestId})`
  const said = message === '' ? code : `${code}, ${message.slice(0, 256)}`
  const sentence = `WeChat Pay refused ${nameOf(call)}: ${said}${request}`
  return new PaymentError('PLATFORM_REFUSED', sentence, { platformCode: code, reason })
}

function limited(call: PlatformCall, { code, trace }: Extract<Outcome, { kind: 'limited' }>): PaymentError {
  const said = code ?? `HTTP ${trace.status ?? 429}`
  const sentence = `WeChat Pay limits the calls of this merchant and did not accept ${nameOf(call)} (${said}).`
  return new PaymentError('PLATFORM_UNAVAILABLE', sentence, { reason: 'rate-limited' })
}

function unknown(call: PlatformCall, tries: number, last: Outcome | undefined): PaymentError {
  const lastTry = last?.kind === 'unknown' ? last : undefined
  const why = lastTry === undefined ? 'there was no time for it' : lastTry.sentence
  const sentence = `WeChat Pay gave no usable answer to ${nameOf(call)} in ${tries} tries; at last ${why}.`
  const { reason = 'unknown-outcome' as const, cause } = lastTry ?? {}
  return new PaymentError('PLATFORM_UNAVAILABLE', sentence, { cause, reason })
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
 * Makes the client of one account. A try whose result is not known is repeated with the same body and a fresh
 * signature, at the other host if there is one, at most three times in all and within the deadline.
 */
export function createClient(deps: ClientDeps): WechatpayClient {
  const { account, log, timeoutMs, deadlineMs, pauseMs } = deps
  // One for each call: signals that depend on one which lives as long as the process would pile up on it.
  const underWay = new Set<AbortController>()
  let isClosed = false
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

  async function tryAll(call: PlatformCall): Promise<CallResult> {
    const endsAt = performance.now() + Math.min(deadlineMs, call.deadlineMs ?? deadlineMs)
    let last: Outcome | undefined
    let tries = 0
    while (tries < MAX_TRIES) {
      if (tries > 0) await pauseUnlessAborted(pauseMs(tries), call.signal)
      const leftMs = endsAt - performance.now()
      if (leftMs <= 0 || call.signal?.aborted === true) break
      tries += 1
      last = await tryOnce(call, tries, leftMs)
      if (last.kind === 'answered') return last
      if (last.kind === 'refused') return { kind: 'failed', error: refusal(call, last) }
      if (last.kind === 'limited') return { kind: 'failed', error: limited(call, last) }
    }
    return { kind: 'failed', error: unknown(call, tries, last) }
  }

  async function ask(call: PlatformCall): Promise<CallResult> {
    const ending = new AbortController()
    if (isClosed) ending.abort()
    underWay.add(ending)
    const signal = call.signal === undefined ? ending.signal : AbortSignal.any([ending.signal, call.signal])
    try {
      return await tryAll({ ...call, signal })
    } finally {
      underWay.delete(ending)
    }
  }

  return {
    ask,
    close() {
      isClosed = true
      for (const ending of underWay) ending.abort()
    },
    async call(call) {
      const result = await ask(call)
      if (result.kind === 'answered') return result.body
      throw result.error
    },
  }
}
