import type { Order, OrderRef } from './order.ts'

/** Orders, found by each of their names. */
export type OrderShelf = {
  readonly put: (order: Order) => void
  readonly remove: (order: Order) => void
  readonly find: (ref: OrderRef) => Order | undefined
  /** Also by a prepay_id that has ended: the client says so instead of not knowing it. */
  readonly findByPrepayId: (prepayId: string) => Order | undefined
  readonly findByTransactionId: (transactionId: string) => Order | undefined
  /** Oldest first. */
  readonly all: () => readonly Order[]
}

const keyOf = ({ mchId, outTradeNo }: OrderRef): string => `${mchId}/${outTradeNo}`

/** Starts with the orders that were kept. */
export function createShelf(kept: readonly Order[]): OrderShelf {
  const orders = new Map<string, Order>()
  const keyByPrepayId = new Map<string, string>()
  const keyByTransactionId = new Map<string, string>()

  const put = (order: Order): void => {
    orders.set(keyOf(order), order)
    for (const { id } of order.prepays) keyByPrepayId.set(id, keyOf(order))
    if (order.transactionId !== undefined) keyByTransactionId.set(order.transactionId, keyOf(order))
  }
  const remove = (order: Order): void => {
    orders.delete(keyOf(order))
    for (const { id } of order.prepays) keyByPrepayId.delete(id)
    if (order.transactionId !== undefined) keyByTransactionId.delete(order.transactionId)
  }
  const lookUp = (index: ReadonlyMap<string, string>, id: string): Order | undefined => {
    const key = index.get(id)
    return key === undefined ? undefined : orders.get(key)
  }
  for (const order of kept) put(order)
  return {
    put,
    remove,
    find: (ref) => orders.get(keyOf(ref)),
    findByPrepayId: (id) => lookUp(keyByPrepayId, id),
    findByTransactionId: (id) => lookUp(keyByTransactionId, id),
    all: () => [...orders.values()],
  }
}
