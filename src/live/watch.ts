import type { Order } from '../domain/order.ts'
import { LONGEST_TIMER_MS } from '../operations/longest-timer.ts'
import type { Hub } from './hub.ts'
import { newestOf } from './newest.ts'

/** An order as it is now, then as it is after changes. Must be closed with `return()`, as `for await` does. */
export type OrderStream = AsyncIterableIterator<Order>

/** What a watch needs, and when it ends by itself. */
export interface Watch {
  readonly hub: Hub
  /** Reads the order as it is stored. Called once, after listening began. */
  readonly read: () => Promise<Order | undefined>
  /** True for an order that is worth telling; all are, when absent. */
  readonly isWanted?: (order: Order) => boolean
  /** True for the last order that the watcher wants to see. */
  readonly isLast?: (order: Order) => boolean
  /** Milliseconds until the right to watch ends; it never does, when absent. What is read at the beginning is told before. */
  readonly endsInMs?: number | undefined
}

/**
 * Watches an order: listens first and reads second, so that no change can fall between the two. A slow reader is
 * told the newest state only, and never an old one after a newer one. Undefined when there is no such order.
 * (An async generator would not do: it begins to listen at its first `next()`.)
 */
export async function watchOrder(orderId: string, watch: Watch): Promise<OrderStream | undefined> {
  const { hub, read, isLast = () => false, isWanted = () => true, endsInMs = Infinity } = watch
  const slot = newestOf<Order>()
  let seq = 0
  const stopListening = hub.listen(orderId, offer)
  const endsAt = performance.now() + endsInMs
  let timer: NodeJS.Timeout | undefined

  function offer(order: Order): void {
    if (order.seq <= seq || !isWanted(order)) return
    seq = order.seq
    slot.offer(order, isLast(order))
  }

  function stop(): void {
    clearTimeout(timer)
    stopListening()
    slot.end()
  }

  const order = await read().catch((error: unknown) => {
    stop()
    throw error
  })
  if (order === undefined) {
    stop()
    return undefined
  }
  // Whoever has watched for longer may not have heard of it yet, and nobody else will tell them what is known here.
  if (order.seq > (hub.known(orderId) ?? 0)) hub.announce(order)
  else offer(order)
  if (endsInMs <= LONGEST_TIMER_MS) timer = setTimeout(stop, Math.max(0, endsAt - performance.now())).unref()

  const stream: OrderStream = {
    [Symbol.asyncIterator]: () => stream,
    async next() {
      const result = await slot.take()
      if (result.done === true) stop()
      return result
    },
    async return() {
      stop()
      return { done: true, value: undefined }
    },
  }
  return stream
}
