import type { OrderStore } from '../models/order.ts'
import { COMMITTED } from '../models/read-concern.ts'
import type { Hub } from './hub.ts'

/** What reconciling needs. */
export interface ReconcileParts {
  readonly hub: Hub
  readonly orders: Pick<OrderStore, 'byId' | 'seqs'>
}

/** Reads an order that changed elsewhere and tells its listeners. */
async function tell({ hub, orders }: ReconcileParts, orderId: string): Promise<void> {
  const order = await orders.byId(orderId, COMMITTED)
  if (order !== undefined) hub.announce(order)
}

/** Follows a hint: reads the order when its listeners do not know that much yet. */
export async function follow(parts: ReconcileParts, orderId: string, seq: number): Promise<void> {
  const known = parts.hub.known(orderId)
  if (known !== undefined && seq > known) await tell(parts, orderId)
}

/**
 * Compares what the listeners of this process know with what is stored, in one query whatever their number, and tells
 * them what another process has written. This is what makes every hint between processes dispensable: a hint that is
 * lost costs the time until the next round.
 * @returns how many orders there was news of
 */
export async function reconcile(parts: ReconcileParts): Promise<number> {
  const watched = parts.hub.watched()
  if (watched.size === 0) return 0
  const stored = await parts.orders.seqs([...watched.keys()])
  const behind = [...stored].filter(([id, seq]) => seq > (watched.get(id) ?? 0))
  await Promise.all(behind.map(([id]) => tell(parts, id)))
  return behind.length
}
