import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { MAX_QUANTITY, TEAS } from '../catalogue.ts'
import type { NewOrder } from './paybell.ts'
import { ShopProblem } from './problem.ts'

/** All that a customer decides. Anything else, above all a price, is refused. */
const wish = z.strictObject({ sku: z.string(), quantity: z.int().min(1).max(MAX_QUANTITY) })

/**
 * Makes the order that belongs to a request's body, with the price from this shop's own catalogue.
 * @param openid the customer, as WeChat calls him
 * @throws {ShopProblem} INVALID_ORDER when nothing that is sold here was asked for
 */
export function orderFrom(body: string, openid: string, now: Date): NewOrder {
  const parsed = wish.safeParse(readJson(body))
  const tea = TEAS.find(({ sku }) => sku === parsed.data?.sku)
  if (!parsed.success || tea === undefined) {
    throw new ShopProblem(
      400,
      'INVALID_ORDER',
      `An order is {"sku", "quantity"} with 1 to ${MAX_QUANTITY} pieces.`,
    )
  }
  const { quantity } = parsed.data
  return {
    outTradeNo: newOutTradeNo(now),
    description: `${tea.name.zh} ${tea.name.en} × ${quantity}`,
    totalFen: tea.priceFen * quantity,
    openid,
  }
}

/** A new order number of 24 characters: the day for people, then chance, e.g. `TEA20260131-9f86d081884c`. */
export function newOutTradeNo(now: Date): string {
  const day = now.toISOString().slice(0, 10).replaceAll('-', '')
  return `TEA${day}-${randomBytes(6).toString('hex')}`
}

function readJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
