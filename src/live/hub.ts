import type { Order } from '../domain/order.ts'

/** Is told about every change of the order that it listens to. Must not throw. */
export type OrderListener = (order: Order) => void

/** Who, in this process, is told about an order. */
export interface Hub {
  /** Starts to listen at once; the answer stops it. */
  listen(orderId: string, listener: OrderListener): () => void
  /** Tells the listeners, in the order in which they came. */
  announce(order: Order): void
  /** How many orders have a listener. */
  readonly size: number
}

/** A hub without listeners. */
export function createHub(): Hub {
  const listeners = new Map<string, Set<OrderListener>>()
  return {
    listen(orderId, listener) {
      const ofOrder = listeners.get(orderId) ?? new Set()
      listeners.set(orderId, ofOrder.add(listener))
      return () => {
        ofOrder.delete(listener)
        if (ofOrder.size === 0 && listeners.get(orderId) === ofOrder) listeners.delete(orderId)
      }
    },
    announce(order) {
      for (const listener of listeners.get(order.id) ?? []) listener(order)
    },
    get size() {
      return listeners.size
    },
  }
}
