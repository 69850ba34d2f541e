import type { Order } from '../../src/domain/order.ts'

/** The part of a stored order that its events tell: what the platforms are under way with lies beside them. */
export function historicalPart({ rev: _rev, ...order }: Order): Order {
  return { ...order, numbers: [], closing: null }
}
