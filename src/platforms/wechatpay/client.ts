import type { PaymentError } from '../../domain/errors.ts'
import { limited, notSent, refusal, unknown } from './call-errors.ts'
import type { Outcome, PlatformCall } from './call.ts'
import type { CallEnd, CircuitBreaker } from './circuit-breaker.ts'
import { isFrequencyCode } from './error-codes.ts'
import { createTries, type Tried, type TriesDeps } from './tries.ts'

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

/** What a client needs: for the tries of one call, and for deciding whether it is sent. */
export interface ClientDeps extends TriesDeps {
  readonly breaker: CircuitBreaker
}

/** Whether a limit may be that of the payment, which the payer is paying at this moment, and not of the account. */
function mayBeOfPayment({ mayMeetPayer }: PlatformCall, code: string | undefined): boolean {
  return mayMeetPayer === true && isFrequencyCode(code)
}

/** What the end of a call says about the account. */
function endOf(call: PlatformCall, last: Outcome | undefined): CallEnd {
  if (last === undefined || call.signal?.aborted === true) return 'abandoned'
  if (last.kind === 'limited') return mayBeOfPayment(call, last.code) ? 'answered' : 'limited'
  return last.kind === 'unknown' && last.reason === 'unknown-outcome' ? 'silent' : 'answered'
}

/** Makes the client of one account. While the account is paused, calls end at once. */
export function createClient(deps: ClientDeps): WechatpayClient {
  const { breaker } = deps
  // One for each call: signals that depend on one which lives as long as the process would pile up on it.
  const underWay = new Set<AbortController>()
  let isClosed = false
  const tryAll = createTries(deps)

  function resultOf(call: PlatformCall, { last, tries, mayHaveHappened }: Tried): CallResult {
    if (last?.kind === 'answered') return last
    if (last?.kind === 'refused')
      return { kind: 'failed', error: refusal(call, { ...last, mayHaveHappened }) }
    if (last?.kind === 'limited')
      return { kind: 'failed', error: limited(call, { ...last, mayHaveHappened }, breaker.pause()) }
    return { kind: 'failed', error: unknown(call, tries, last) }
  }

  async function askUnlessPaused(call: PlatformCall): Promise<CallResult> {
    const end = call.isUnpaused === true ? () => undefined : breaker.begin()
    if (end === undefined) return { kind: 'failed', error: notSent(call, breaker.pause()) }
    let tried: Tried = { last: undefined, tries: 0, mayHaveHappened: false }
    try {
      tried = await tryAll(call)
    } finally {
      const { last } = tried
      end(endOf(call, last), last?.kind === 'limited' ? last.retryAfterMs : undefined)
    }
    return resultOf(call, tried)
  }

  async function ask(call: PlatformCall): Promise<CallResult> {
    const ending = new AbortController()
    if (isClosed) ending.abort()
    underWay.add(ending)
    const signal = call.signal === undefined ? ending.signal : AbortSignal.any([ending.signal, call.signal])
    try {
      return await askUnlessPaused({ ...call, signal })
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
