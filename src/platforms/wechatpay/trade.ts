import type { PaymentError, RefusalReason } from '../../domain/errors.ts'

/** What the platform's errors say about a payment, where several calls agree on them. */
export type TradeMeaning = 'absent' | 'paid' | 'closed' | 'in-doubt'

/** Where the platform keeps the payment of this number: a path whose last part is percent-encoded. */
export function tradePath(platformTradeNo: string): string {
  // `*` is among the characters of trade numbers, and the one of them that encodeURIComponent leaves alone.
  const segment = encodeURIComponent(platformTradeNo).replaceAll('*', '%2A')
  return `/v3/pay/transactions/out-trade-no/${segment}`
}

const MEANINGS: Readonly<Partial<Record<RefusalReason, TradeMeaning>>> = {
  'not-found': 'absent',
  'already-paid': 'paid',
  closed: 'closed',
  'rate-limited': 'in-doubt',
  'in-progress': 'in-doubt',
}

/** Reads the error of a call as a statement about the payment; undefined when it is none. */
export function meaningOf({ reason }: PaymentError): TradeMeaning | undefined {
  return reason === undefined ? undefined : MEANINGS[reason]
}
