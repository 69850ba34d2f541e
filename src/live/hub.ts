import type { Order } from '../domain/order.ts'

/** Is told about every change of the order that it listens to. Must not throw. */
export type OrderListener = (order: Order) => void

/** Who, in this process, is told about an order. */
export interface Hub {
  /** Starts to listen at once; the answer stops it. */
  listen(orderId: string, listener: OrderListener): () => void
  /** Listens to every order that is announced, whether anybody listens to it or not; the answer stops it. */
  listenToAll(listener: OrderListener): () => void
  /** Tells the listeners, in the order in which they came. */
  announce(order: Order): void
  /** The newest seq that all listeners of an order were told; undefined when it has none. */
  known(orderId: string): number | undefined
  /** The orders that have a listener, each with the newest seq that all its listeners were told. */
  watched(): ReadonlyMap<string, number>
  /** How many orders have a listener. */
  readonly size: number
}

/** Is told when an order gets its first listener, and when it has lost its last one. */
export interface Attention {
  begin(orderId: string): void
  end(orderId: string): void
}

interface Watched {
  readonly listeners: Set<OrderListener>
  seq: number
}

/** A hub without listeners. */
export function createHub(attention?: Attention): Hub {
  const orders = new Map<string, Watched>()
  const listenersToAll = new Set<OrderListener>()

  function watchedOrder(orderId: string): Watched {
    const known = orders.get(orderId)
    if (known !== undefined) return known
    const fresh = { listeners: new Set<OrderListener>(), seq: 0 }
    orders.set(orderId, fresh)
    attention?.begin(orderId)
    return fresh
  }

  return {
    listen(orderId, listener) {
      const { listeners } = watchedOrder(orderId)
      listeners.add(listener)
      return () => {
        if (!listeners.delete(listener) || listeners.size > 0) return
        orders.delete(orderId)
        attention?.end(orderId)
      }
    },
    listenToAll(listener) {
      listenersToAll.add(listener)
      return () => void listenersToAll.delete(listener)
    },
    announce(order) {
      for (const listener of listenersToAll) listener(order)
      const watched = orders.get(order.id)
      if (watched === undefined) return
      watched.seq = Math.max(watched.seq, order.seq)
      for (const listener of watched.listeners) listener(order)
    },
    known: (orderId) => orders.get(orderId)?.seq,
    watched: () => new Map([...orders].map(([id, { seq }]) => [id, seq])),
    get size() {
      return orders.size
    },
  }
}
