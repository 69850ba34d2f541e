import type { RefusalReason } from '../../domain/errors.ts'
import type { CallResult } from './client.ts'

/** What the platform's refusals mean where several calls agree on them. */
export type RefusalMeaning = 'absent' | 'paid' | 'closed' | 'in-doubt'

/** Keys are without underscores: the platform writes most of its codes with and without them. */
const MEANINGS: ReadonlyMap<string, RefusalMeaning> = new Map([
  ['ORDERNOTEXIST', 'absent'],
  ['RESOURCENOTEXISTS', 'absent'],
  ['ORDERPAID', 'paid'],
  ['ORDERCLOSED', 'closed'],
  ['USERPAYING', 'in-doubt'],
])

const TOO_OFTEN = /^(FREQUENCYLIMIT|RATELIMIT)/

function meaningOfCode(platformCode: string): RefusalMeaning | undefined {
  const code = platformCode.toUpperCase().replaceAll('_', '')
  return TOO_OFTEN.test(code) ? 'in-doubt' : MEANINGS.get(code)
}

/** Where the platform keeps the payment of this number: a path whose last part is percent-encoded. */
export function tradePath(platformTradeNo: string): string {
  // `*` is among the characters of trade numbers, and the one of them that encodeURIComponent leaves alone.
  const segment = encodeURIComponent(platformTradeNo).replaceAll('*', '%2A')
  return `/v3/pay/transactions/out-trade-no/${segment}`
}

/** Reads a refusal as a statement about the payment; undefined when it is none. */
export function meaningOf(result: Exclude<CallResult, { kind: 'answered' }>): RefusalMeaning | undefined {
  const { kind, status, platformCode } = result
  const meaning = platformCode === undefined ? undefined : meaningOfCode(platformCode)
  if (kind === 'unknown') return status === 429 || meaning === 'in-doubt' ? 'in-doubt' : undefined
  return meaning ?? (status === 404 ? 'absent' : undefined)
}

/** Keys are written as in `MEANINGS`. INVALID_REQUEST has other meanings too. */
const REASONS: ReadonlyMap<string, RefusalReason> = new Map([
  ['ORDERNOTEXIST', 'not-found'],
  ['RESOURCENOTEXISTS', 'not-found'],
  ['ORDERPAID', 'already-paid'],
  ['ORDERCLOSED', 'closed'],
  ['OUTTRADENOUSED', 'number-in-use'],
  ['INVALIDREQUEST', 'number-in-use'],
])

/** What a refusal with this code means. */
export function reasonOf(platformCode: string): RefusalReason {
  return REASONS.get(platformCode.toUpperCase().replaceAll('_', '')) ?? 'rejected'
}
