import { property, textOf } from '../client/graphql.ts'
import { type PlacedOrder, readPlacedOrder } from './last-order.ts'

/** Where to pay and how to watch it, or the code of why there is nothing to pay (a key of `Messages.problems`). */
export type Bought =
  | { readonly kind: 'order'; readonly order: PlacedOrder }
  | { readonly kind: 'problem'; readonly code: string }

/** Orders at the shop's own backend, which decides the price. Never throws. */
export async function buy(sku: string, quantity: number): Promise<Bought> {
  try {
    const response = await fetch('/api/orders', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ sku, quantity }),
    })
    const body: unknown = await response.json()
    const order = readPlacedOrder(body)
    if (order !== null) return { kind: 'order', order }
    return { kind: 'problem', code: textOf(property(body, 'error'), 'code') || 'TRY_AGAIN' }
  } catch {
    return { kind: 'problem', code: 'UNREACHABLE' }
  }
}
