import type { Order, OrderEvent } from '../domain/order.ts'
import type { OrderMark } from '../models/order.ts'
import type { ToldEvent } from './events.ts'

/** Remembers what was told of all orders, for as long as it could be told again. */
export interface Novelty {
  /** Notes what is known without having been told. */
  know(mark: OrderMark): void
  /** Notes what was stored of an order before a moment; of the same millisecond is rather told than lost. */
  knowBefore(moment: Date, order: Order): void
  /** True when the order has something that was not told. */
  isNews(mark: OrderMark): boolean
  /** The events of the order that were not told yet, oldest first; they count as told from now on. */
  take(order: Order): readonly ToldEvent[]
  /** Forgets orders that have not changed since; whatever they get from now on is stored later. */
  forget(until: Date): void
  /** How many orders are remembered. */
  readonly size: number
}

interface Known {
  readonly seq: number
  readonly storedAt: number
}

/** By the clock that all processes share; what an earlier version stored has nothing but the time of its own process. */
function storedAtOf({ storedAt, recordedAt }: OrderEvent): number {
  return (storedAt ?? recordedAt).getTime()
}

/** Of an order that is not remembered, what was stored after `beginning` is new. */
export function createNovelty(beginning: Date): Novelty {
  const known = new Map<string, Known>()
  let horizon = beginning.getTime()

  function remember(id: string, seq: number, storedAt: number): void {
    const before = known.get(id)
    known.set(id, {
      seq: Math.max(seq, before?.seq ?? 0),
      storedAt: Math.max(storedAt, before?.storedAt ?? 0),
    })
  }

  function newOnes({ id, events }: Order): Order['events'] {
    const before = known.get(id)
    if (before !== undefined) return events.slice(before.seq)
    // What lies before an event that is old is older, whatever its time says.
    return events.slice(events.findLastIndex((event) => storedAtOf(event) <= horizon) + 1)
  }

  return {
    know: ({ id, seq, storedAt }) => remember(id, seq, storedAt.getTime()),
    knowBefore(moment, { id, events }) {
      const seq = events.findLastIndex((event) => storedAtOf(event) < moment.getTime()) + 1
      remember(id, seq, moment.getTime())
    },
    isNews({ id, seq, storedAt }) {
      const before = known.get(id)
      return before === undefined ? storedAt.getTime() > horizon : seq > before.seq
    },
    take(order) {
      const events = newOnes(order)
      for (const event of events) remember(order.id, event.seq, storedAtOf(event))
      return events.map((event) => ({ event, order }))
    },
    forget(until) {
      horizon = Math.max(horizon, until.getTime())
      for (const [id, { storedAt }] of known) if (storedAt <= horizon) known.delete(id)
    },
    get size() {
      return known.size
    },
  }
}
