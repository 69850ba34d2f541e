declare const fen: unique symbol

/** An amount of money in fen (1/100 CNY), a safe integer. */
export type Fen = number & { readonly [fen]: true }

/** An amount in the minor unit of its currency. CNY is the only currency that the platforms settle here. */
export interface Money {
  readonly total: Fen
  readonly currency: 'CNY'
}

/** The largest total that an order may have: one million yuan, in fen. GraphQL's Int holds it with room to spare. */
export const MAX_TOTAL_FEN = 100_000_000

/**
 * Makes an amount in fen out of a plain integer.
 * @throws {RangeError} when the number is not a safe integer or is negative
 */
export function toFen(amount: number): Fen {
  if (!Number.isSafeInteger(amount) || amount < 0) {
    throw new RangeError(`An amount in fen is a whole number of at least 0, not ${amount}.`)
  }
  return amount as Fen
}
