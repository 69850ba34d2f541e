import type { RefusedVerdict } from '../platforms/platform.ts'

/** Every situation that a callback can end in; `ACKNOWLEDGEMENTS` says what each means. */
export type Situation =
  | RefusedVerdict
  | 'UNSIGNED'
  | 'APPLIED'
  | 'DUPLICATE'
  | 'IGNORED'
  | 'UNMATCHED_RECENT'
  | 'UNMATCHED_OLD'
  | 'UNDECRYPTABLE'
  | 'UNREADABLE'
  | 'UNKNOWN_MERCHANT'
  | 'TOO_LARGE'
  | 'BODY_INCOMPLETE'
  | 'UNAVAILABLE'

/** One line of the contract with the platforms: docs/acknowledgement.md is made of these. */
export interface Acknowledgement {
  /** The HTTP status. The platform looks at nothing else. */
  readonly status: number
  /** When the callback is in this situation. */
  readonly when: string
  /** Where it is stored before the answer leaves. */
  readonly kept: string
  /** What becomes of the order. */
  readonly order: string
}

const IN_INBOX = 'in the inbox'
const IN_LOG =
  'among the rejected notifications, with the reason, within the bounds of its merchant and its sender'
const IN_LOG_SIGNED =
  'among the rejected notifications, with the reason, where nothing that strangers send replaces it; a repeated one is counted'
const UNTOUCHED = 'untouched'

/**
 * How each situation is answered. 2XX means to the platform that it never sends the callback again, so a 2XX is only
 * for what is durable here; anything else makes it try again on its schedule.
 */
export const ACKNOWLEDGEMENTS: Readonly<Record<Situation, Acknowledgement>> = {
  APPLIED: {
    status: 204,
    when: 'Verified, and it tells the order something new.',
    kept: IN_INBOX,
    order: 'changed once: PAID, or an anomaly when the amount or the payee is another',
  },
  DUPLICATE: {
    status: 204,
    when: 'Verified, and the order knows it already: the same notification again, or another one of the same fact.',
    kept: 'in the inbox; the same fact again under the same id is counted on its first entry, another fact has an entry of its own',
    order: UNTOUCHED,
  },
  IGNORED: {
    status: 204,
    when: 'Verified, and about something that this gateway does not handle; or a payment that is not believed, of an order that has 100 anomalies.',
    kept: 'in the inbox, under the order that it names',
    order: 'untouched, until a version that handles it reads it again at its start',
  },
  // An order may be a little late; after ten minutes of retries the callback is kept, and there is no use in more.
  UNMATCHED_RECENT: {
    status: 404,
    when: 'Verified, and there is no such order, in the first ten minutes.',
    kept: IN_INBOX,
    order: 'changed when it appears, or by the next delivery',
  },
  UNMATCHED_OLD: {
    status: 204,
    when: 'Verified, and there is still no such order after ten minutes.',
    kept: IN_INBOX,
    order: 'changed when it appears',
  },
  UNDECRYPTABLE: {
    status: 500,
    when: 'Verified, and the APIv3 key here does not open it.',
    kept: IN_INBOX,
    order: 'changed by the next start with the right key, by a replay, or by the next delivery',
  },
  UNREADABLE: {
    status: 500,
    when: 'Verified, and its body or its content has a form that this version cannot read.',
    kept: 'in the inbox; a repeated one is counted on its first entry',
    order: 'changed by a start of a version that can read it, or by a replay',
  },
  BAD_SIGNATURE: { status: 401, when: 'Its signature is wrong.', kept: IN_LOG, order: UNTOUCHED },
  UNKNOWN_KEY: {
    status: 401,
    when: 'It is signed with a key that is not known for this merchant.',
    kept: IN_LOG,
    order: 'untouched, until it is replayed once the key is known',
  },
  PROBE: {
    status: 401,
    when: 'It is a probe: the platform signed wrongly on purpose, to see that signatures are verified.',
    kept: IN_LOG,
    order: UNTOUCHED,
  },
  STALE_TIMESTAMP: {
    status: 401,
    when: 'Its clock and ours are five minutes or more apart.',
    kept: `with a good signature ${IN_LOG_SIGNED}; else ${IN_LOG}`,
    order: UNTOUCHED,
  },
  MALFORMED: {
    status: 400,
    when: 'A header of the signature is not as documented.',
    kept: IN_LOG,
    order: UNTOUCHED,
  },
  // No message of the platform lacks one, so nothing is lost; and anybody can send this at no cost.
  UNSIGNED: {
    status: 400,
    when: 'One of the headers Wechatpay-Timestamp, -Nonce, -Signature and -Serial is missing.',
    kept: 'no, only counted',
    order: UNTOUCHED,
  },
  BODY_INCOMPLETE: {
    status: 400,
    when: 'The body breaks off. As a rule the connection is closed already.',
    kept: 'no',
    order: UNTOUCHED,
  },
  UNKNOWN_MERCHANT: {
    status: 404,
    when: 'There is no such merchant at this address.',
    kept: 'no',
    order: UNTOUCHED,
  },
  TOO_LARGE: { status: 413, when: 'The body is over 64 KiB.', kept: 'no', order: UNTOUCHED },
  UNAVAILABLE: {
    status: 503,
    when: 'The database cannot be reached or is too slow, or the gateway is shutting down.',
    kept: 'not promised',
    order: 'changed by the next delivery',
  },
}

/** What is sent back to the platform. */
export interface NotifyAnswer {
  readonly status: number
  /** Absent with a 2XX. */
  readonly body?: { readonly code: 'FAIL'; readonly message: string }
}

/** The answer for a situation; `reason` is one sentence that reveals nothing secret. */
export function answerTo(situation: Situation, reason: string): NotifyAnswer {
  const { status } = ACKNOWLEDGEMENTS[situation]
  return status < 300 ? { status } : { status, body: { code: 'FAIL', message: reason } }
}
