import DataLoader from 'dataloader'
import type { Order } from '../domain/order.ts'
import type { OrderStore } from '../models/order.ts'

/** Reads an order by its id; undefined when there is none. */
export type LoadOrder = (id: string) => Promise<Order | undefined>

const MAX_BATCH = 200

/**
 * Reads the orders that are asked for in one turn of the event loop in one query: a page of notifications names many. Nothing
 * is remembered between turns, so that what is read is never older than the question.
 */
export function orderLoader({ byIds }: Pick<OrderStore, 'byIds'>): LoadOrder {
  const loader = new DataLoader<string, Order | undefined>(
    async (ids) => {
      const orders = new Map((await byIds([...new Set(ids)])).map((order) => [order.id, order]))
      return ids.map((id) => orders.get(id))
    },
    { cache: false, maxBatchSize: MAX_BATCH },
  )
  return (id) => loader.load(id)
}
