import type { Order } from './order.ts'

/**
 * What may go wrong although everybody's code is right. Each code has one meaning wherever it is thrown:
 *
 * - `INVALID_INPUT`: `field` says which input is out of range.
 * - `NOT_FOUND`: no such order, or none that the caller may see.
 * - `OUT_TRADE_NO_CONFLICT`: `order` exists under this number, and was created with other input.
 * - `ORDER_NOT_PAYABLE`: `order` is paid, closed or expired.
 * - `PLATFORM_REFUSED`: the platform answered no; `platformCode` is its own word for why.
 * - `PLATFORM_UNAVAILABLE`: the platform could not be asked, or its answer is not known. Safe to repeat.
 * - `CONTENTION`: too many writers changed one order at the same time. Safe to repeat.
 */
export type PaymentErrorCode =
  | 'INVALID_INPUT'
  | 'NOT_FOUND'
  | 'OUT_TRADE_NO_CONFLICT'
  | 'ORDER_NOT_PAYABLE'
  | 'PLATFORM_REFUSED'
  | 'PLATFORM_UNAVAILABLE'
  | 'CONTENTION'

/**
 * What the answer of a platform that is no success means, whatever its own code. With `PLATFORM_REFUSED`:
 *
 * - `number-in-use`: the number is known there with other parameters. `number-may-be-in-use`: or something else is wrong.
 * - `already-paid`: it is paid there. `closed`: it was closed there. `not-found`: it is not known there.
 * - `rejected`: anything else.
 *
 * With `PLATFORM_UNAVAILABLE`:
 *
 * - `rate-limited`: the platform did not accept the call, because it limits how many this merchant makes.
 * - `in-progress`: the platform is still at work on it, or the payer is paying at this moment.
 * - `unknown-outcome`: there was no answer that could be used, so it may or may not have happened.
 * - `paused`: the call was not sent, because the calls before it were limited or had no usable answer.
 *
 * Answers other than 2XX are not signed, so none of them proves anything: a query does.
 */
export type RefusalReason =
  | 'number-in-use'
  | 'number-may-be-in-use'
  | 'already-paid'
  | 'closed'
  | 'not-found'
  | 'rejected'
  | 'rate-limited'
  | 'in-progress'
  | 'unknown-outcome'
  | 'paused'

interface PaymentErrorDetails {
  readonly cause?: unknown
  readonly reason?: RefusalReason
  readonly platformCode?: string
  readonly retryAfterSeconds?: number | undefined
  readonly mayHaveHappened?: boolean
  readonly field?: string
  readonly order?: Order
}

/** An expected failure: a code for programs and one sentence for people, without secrets. */
export class PaymentError extends Error {
  override readonly name = 'PaymentError'
  readonly code: PaymentErrorCode
  /** The platform's own error code, e.g. `APPID_MCHID_NOT_MATCH`. With `PLATFORM_REFUSED` and the reason `rate-limited`. */
  readonly platformCode: string | undefined
  /** Only with `PLATFORM_REFUSED` and `PLATFORM_UNAVAILABLE`, when a platform is why. */
  readonly reason: RefusalReason | undefined
  /** When it makes sense to call again, in whole seconds. Only with the reasons `rate-limited` and `paused`. */
  readonly retryAfterSeconds: number | undefined
  /** Whether an earlier try of the same call had no usable answer, so that it may have happened whatever the last one said. */
  readonly mayHaveHappened: boolean
  /** Path of the input that is wrong, e.g. `amount.total`. Only with `INVALID_INPUT`. */
  readonly field: string | undefined
  /** The order in question. Only with `OUT_TRADE_NO_CONFLICT` and `ORDER_NOT_PAYABLE`. */
  readonly order: Order | undefined

  constructor(code: PaymentErrorCode, sentence: string, details: PaymentErrorDetails = {}) {
    super(sentence, { cause: details.cause })
    this.code = code
    this.platformCode = details.platformCode
    this.reason = details.reason
    this.retryAfterSeconds = details.retryAfterSeconds
    this.mayHaveHappened = details.mayHaveHappened ?? false
    this.field = details.field
    this.order = details.order
    // It holds personal data, and whoever logs the error does not mean to log that.
    Object.defineProperty(this, 'order', { enumerable: false })
  }
}
