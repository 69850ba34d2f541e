import { PaymentError } from '../../domain/errors.ts'
import type { Outcome, PlatformCall } from './call.ts'
import type { Pause, PauseCause } from './circuit-breaker.ts'

function nameOf({ method, path, tradeNo }: PlatformCall): string {
  const about = tradeNo === undefined ? '' : ` for ${tradeNo}`
  return `${method} ${path.split('?', 1)[0]}${about}`
}

/** The last outcome of several tries. */
type Last<Kind extends Outcome['kind']> = Extract<Outcome, { kind: Kind }> &
  Pick<PaymentError, 'mayHaveHappened'>

/** The error of a call that the platform said no to. */
export function refusal(call: PlatformCall, outcome: Last<'refused'>): PaymentError {
  const { code, message, trace, reason, mayHaveHappened } = outcome
  const request = trace.requestId === undefined ? '' : ` (request ${trace.requestId})`
  const said = message === '' ? code : `${code}, ${message.slice(0, 256)}`
  const sentence = `WeChat Pay refused ${nameOf(call)}: ${said}${request}`
  return new PaymentError('PLATFORM_REFUSED', sentence, { platformCode: code, reason, mayHaveHappened })
}

/** The error of a call whose result is not known. */
export function unknown(call: PlatformCall, tries: number, last: Outcome | undefined): PaymentError {
  const lastTry = last?.kind === 'unknown' ? last : undefined
  const why = lastTry === undefined ? 'there was no time for it' : lastTry.sentence
  const sentence = `WeChat Pay gave no usable answer to ${nameOf(call)} in ${tries} tries; at last ${why}.`
  const { reason = 'unknown-outcome' as const, cause } = lastTry ?? {}
  return new PaymentError('PLATFORM_UNAVAILABLE', sentence, { cause, reason })
}

function retryAfterSeconds({ remainingMs }: Pause): number {
  return Math.max(1, Math.ceil(remainingMs / 1000))
}

function again(seconds: number | undefined): string {
  if (seconds === undefined) return 'try again in a few seconds'
  return `try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}`
}

/** The error of a call that the platform did not accept because the merchant makes too many. */
export function limited(
  call: PlatformCall,
  { code, trace, mayHaveHappened }: Last<'limited'>,
  pause: Pause | undefined,
): PaymentError {
  const seconds = pause && retryAfterSeconds(pause)
  const said = `${code ?? `HTTP ${trace.status ?? 429}`} for ${nameOf(call)}`
  const sentence = `WeChat Pay limits the calls of this merchant (${said}); ${again(seconds)}.`
  const details = {
    reason: 'rate-limited',
    retryAfterSeconds: seconds,
    mayHaveHappened,
    ...(code !== undefined && { platformCode: code }),
  } as const
  return new PaymentError('PLATFORM_UNAVAILABLE', sentence, details)
}

const WHY_PAUSED: Readonly<Record<PauseCause, string>> = {
  silent: 'WeChat Pay gave no usable answer to several calls of this merchant in a row',
  limited: 'WeChat Pay limits the calls of this merchant',
}

const UNKNOWN_PAUSE: Pause = { cause: 'silent', remainingMs: 0 }

/** The error of a call that was not sent. */
export function notSent(call: PlatformCall, pause: Pause = UNKNOWN_PAUSE): PaymentError {
  const seconds = retryAfterSeconds(pause)
  const sentence = `${WHY_PAUSED[pause.cause]}, so ${nameOf(call)} was not sent; ${again(seconds)}.`
  const details = { reason: 'paused', retryAfterSeconds: seconds } as const
  return new PaymentError('PLATFORM_UNAVAILABLE', sentence, details)
}
