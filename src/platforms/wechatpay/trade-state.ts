/** What a `trade_state` says of the money: it has arrived, it may still arrive, or it never will. */
export type TradeMeaning = 'paid' | 'open' | 'closed'

/** REFUND: paid, and something of it was given back since; refunds have states of their own. */
const MEANINGS: ReadonlyMap<string, TradeMeaning> = new Map([
  ['SUCCESS', 'paid'],
  ['REFUND', 'paid'],
  ['NOTPAY', 'open'],
  ['USERPAYING', 'open'],
  // A failed attempt can be repeated.
  ['PAYERROR', 'open'],
  ['CLOSED', 'closed'],
  ['REVOKED', 'closed'],
])

/** The same wherever a transaction is read. A state that is not documented says nothing final, so it is open. */
export function meaningOfState(tradeState: string): TradeMeaning {
  return MEANINGS.get(tradeState) ?? 'open'
}
