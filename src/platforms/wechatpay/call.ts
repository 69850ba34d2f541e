import type { KeyObject } from 'node:crypto'
import type { RefusalReason } from '../../domain/errors.ts'

/** One call to the platform, however often it has to be tried. Repeating it must do no harm. */
export interface PlatformCall {
  readonly method: 'GET' | 'POST'
  /** Path and query, percent-encoded. */
  readonly path: string
  /** JSON. Every try sends these very bytes. */
  readonly body?: string
  /** The `out_trade_no` that the call is about, for the log. */
  readonly tradeNo?: string
  /** Finds the key of the answer where it is not simply one of the ring. */
  readonly findKey?: (serial: string, body: Buffer) => Promise<KeyObject | undefined>
  readonly signal?: AbortSignal
  /** The most that all tries may take together, in ms, where the account's own limit is too long. */
  readonly deadlineMs?: number
  /** "Too frequent" may also mean that the payer is paying at this moment, and then says nothing about the account. */
  readonly mayMeetPayer?: boolean
  /** It is sent although calls of the account are paused, and its end says nothing about the others. */
  readonly isUnpaused?: boolean
}

/** What is known of an answer whatever it says. */
export interface Trace {
  readonly status?: number
  /** The platform's id of the request, for its support. */
  readonly requestId?: string
  readonly platformCode?: string
}

/**
 * What one try came to. `limited`: it was not accepted, because the account makes too many calls. `unknown`: it may or may
 * not have happened there, and may be tried again as it is.
 */
export type Outcome =
  | { readonly kind: 'answered'; readonly trace: Trace; readonly status: number; readonly body: Buffer }
  | {
      readonly kind: 'refused'
      readonly trace: Trace
      readonly code: string
      readonly message: string
      readonly reason: RefusalReason
    }
  | {
      readonly kind: 'limited'
      readonly trace: Trace
      readonly code: string | undefined
      /** How long the platform asks to wait, in ms. */
      readonly retryAfterMs: number | undefined
    }
  | {
      readonly kind: 'unknown'
      readonly trace: Trace
      readonly reason: Extract<RefusalReason, 'in-progress' | 'unknown-outcome'>
      readonly sentence: string
      readonly cause?: unknown
    }
