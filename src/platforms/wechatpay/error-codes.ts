import type { RefusalReason } from '../../domain/errors.ts'

/**
 * What an answer that is no success means. `handling` is what is done about it:
 *
 * - `end`: nothing; the same request would get the same answer.
 * - `repeat`: the same request is sent again, because it may or may not have happened.
 * - `pause`: it was not accepted, and further calls of the account have to wait.
 */
export type ErrorMeaning =
  | { readonly handling: 'end'; readonly reason: RefusalReason }
  | { readonly handling: 'repeat'; readonly reason: 'in-progress' | 'unknown-outcome' }
  | { readonly handling: 'pause'; readonly reason: 'rate-limited' }

/** `atAnyStatus`: the code counts whatever the status is; the others count with a 4XX only. */
type Row = ErrorMeaning & { readonly atAnyStatus?: true }

const REJECTED: Row = { reason: 'rejected', handling: 'end' }
const IN_USE: Row = { reason: 'number-in-use', handling: 'end' }
const NOT_FOUND: Row = { reason: 'not-found', handling: 'end' }
const IN_PROGRESS: Row = { reason: 'in-progress', handling: 'repeat' }
const UNKNOWN: Row = { reason: 'unknown-outcome', handling: 'repeat' }
const LIMITED: Row = { reason: 'rate-limited', handling: 'pause' }

/**
 * Statuses, and codes without underscores: the platform writes most of its codes with and without them, and the status of
 * a code varies by page.
 */
const ROWS = {
  201: IN_USE,
  202: IN_PROGRESS,
  429: LIMITED,
  '4XX': REJECTED,
  '5XX': UNKNOWN,

  USERPAYING: IN_PROGRESS,
  ACCEPTED: IN_PROGRESS,

  PARAMERROR: REJECTED,
  // Among others "201 商户订单号重复": the number is used with other parameters.
  INVALIDREQUEST: { reason: 'number-may-be-in-use', handling: 'end' },
  ALREADYEXISTS: IN_USE,
  ORDERCLOSED: { reason: 'closed', handling: 'end' },
  ORDERPAID: { reason: 'already-paid', handling: 'end' },
  APPIDMCHIDNOTMATCH: REJECTED,
  MCHNOTEXISTS: REJECTED,

  SIGNERROR: REJECTED,

  NOAUTH: REJECTED,
  NOTENOUGH: REJECTED,
  OUTTRADENOUSED: IN_USE,
  RULELIMIT: REJECTED,
  TRADEERROR: REJECTED,
  ACCOUNTERROR: REJECTED,

  ORDERNOTEXIST: NOT_FOUND,
  RESOURCENOTEXISTS: NOT_FOUND,
  NOTFOUND: NOT_FOUND,

  FREQUENCYLIMITED: { ...LIMITED, atAnyStatus: true },
  FREQUENCYLIMITEXCEED: { ...LIMITED, atAnyStatus: true },
  RATELIMIT: { ...LIMITED, atAnyStatus: true },
  RATELIMITED: { ...LIMITED, atAnyStatus: true },
  RATELIMITEXCEED: { ...LIMITED, atAnyStatus: true },
  RATELIMITEXCEEDED: { ...LIMITED, atAnyStatus: true },

  SYSTEMERROR: UNKNOWN,
  BANKERROR: UNKNOWN,
  SERVICEUNAVAILABLE: UNKNOWN,
  // Sent with a 500, and final all the same: the payer is not one of this app.
  OPENIDMISMATCH: { ...REJECTED, atAnyStatus: true },
} as const satisfies Readonly<Record<string, Row>>

const TABLE: ReadonlyMap<string, Row> = new Map(Object.entries(ROWS))

function rowOfStatus(status: number): Row {
  return TABLE.get(String(status)) ?? TABLE.get(`${Math.floor(status / 100)}XX`) ?? UNKNOWN
}

function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 429
}

/** What an answer that is no success means. Without a code, a 4XX is no word of the platform. */
export function meaningOfError(status: number, code: string | undefined): ErrorMeaning {
  const byStatus = rowOfStatus(status)
  if (code === undefined) return isRefusal(status) ? UNKNOWN : byStatus
  const byCode = TABLE.get(code.toUpperCase().replaceAll('_', ''))
  return byCode !== undefined && (byCode.atAnyStatus || isRefusal(status)) ? byCode : byStatus
}

/** Whether a code says that calls are too frequent, which the platform also says while the payer is paying. */
export function isFrequencyCode(code: string | undefined): boolean {
  return code !== undefined && /^FREQUENCY_?LIMIT/i.test(code)
}
