import type { RefusedVerdict } from '../platforms/platform.ts'

/** Every situation that a callback can end in; docs/architecture.md has the reasons. */
export type Situation =
  | RefusedVerdict
  | 'APPLIED'
  | 'DUPLICATE'
  | 'IGNORED'
  | 'UNMATCHED_RECENT'
  | 'UNMATCHED_OLD'
  | 'UNDECRYPTABLE'
  | 'UNKNOWN_MERCHANT'
  | 'TOO_LARGE'
  | 'UNREADABLE'
  | 'UNAVAILABLE'

/**
 * The HTTP status for each situation. The platform looks at nothing else: 2XX means that it never sends the callback
 * again, so a 2XX is only for what is durable here; anything else makes it try again on its schedule.
 */
export const STATUS: Readonly<Record<Situation, number>> = {
  APPLIED: 204,
  DUPLICATE: 204,
  IGNORED: 204,
  // An order may be a little late; after ten minutes of retries the callback is kept, and there is no use in more.
  UNMATCHED_RECENT: 404,
  UNMATCHED_OLD: 204,
  UNKNOWN_MERCHANT: 404,
  BAD_SIGNATURE: 401,
  UNKNOWN_KEY: 401,
  PROBE: 401,
  STALE_TIMESTAMP: 401,
  MALFORMED: 400,
  UNREADABLE: 400,
  TOO_LARGE: 413,
  UNDECRYPTABLE: 500,
  UNAVAILABLE: 503,
}

/** What is sent back to the platform. */
export interface NotifyAnswer {
  readonly status: number
  /** Absent with a 2XX. */
  readonly body?: { readonly code: 'FAIL'; readonly message: string }
}

/** The answer for a situation; `reason` is one sentence that reveals nothing secret. */
export function answerTo(situation: Situation, reason: string): NotifyAnswer {
  const status = STATUS[situation]
  return status < 300 ? { status } : { status, body: { code: 'FAIL', message: reason } }
}
