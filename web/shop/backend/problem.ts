/**
 * Why there is no order, for the page that shows it in the customer's language:
 *
 * - `INVALID_ORDER`: the request is not an order for something that is sold here.
 * - `PAYMENT_REFUSED`: the gateway or the payment platform said no.
 * - `TRY_AGAIN`: no answer could be had; nothing was charged.
 * - `SHOP_MISCONFIGURED`: the gateway does not know this shop's key.
 */
export type ProblemCode = 'INVALID_ORDER' | 'PAYMENT_REFUSED' | 'TRY_AGAIN' | 'SHOP_MISCONFIGURED'

/** A refusal that the customer is told about, as an HTTP status, a code and a sentence without secrets. */
export class ShopProblem extends Error {
  override readonly name = 'ShopProblem'
  readonly code: ProblemCode
  readonly status: number

  constructor(status: number, code: ProblemCode, sentence: string) {
    super(sentence)
    this.status = status
    this.code = code
  }
}
