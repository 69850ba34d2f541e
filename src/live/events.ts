import type { Order, OrderEvent } from '../domain/order.ts'
import type { OrderStream } from './watch.ts'

/** An event together with the order that it belongs to, as it was when the event was told. */
export interface ToldEvent {
  readonly event: OrderEvent
  readonly order: Order
}

/**
 * Turns a stream of orders into the stream of their events above `after`: no gap, no repetition, in order. An order
 * carries all its events, so a reader that was told the newest state only still gets every event before it, and a slow
 * reader costs the memory of one order.
 */
export function eventsOf(orders: OrderStream, after: number): AsyncIterableIterator<ToldEvent> {
  let cursor = after
  let current: Order | undefined

  function nextKnown(): ToldEvent | undefined {
    const event = current?.events[cursor]
    if (current === undefined || event === undefined) return undefined
    cursor = event.seq
    return { event, order: current }
  }

  const stream: AsyncIterableIterator<ToldEvent> = {
    [Symbol.asyncIterator]: () => stream,
    async next() {
      for (;;) {
        const value = nextKnown()
        if (value !== undefined) return { done: false, value }
        const result = await orders.next()
        if (result.done === true) return { done: true, value: undefined }
        current = result.value
      }
    },
    async return() {
      await orders.return?.()
      return { done: true, value: undefined }
    },
  }
  return stream
}
