import type { Order } from '../domain/order.ts'
import type { OrderMark } from '../models/order.ts'
import type { ToldEvent } from './events.ts'

/** Remembers what was told of all orders, for as long as it could be told again. */
export interface Novelty {
  /** Notes what is known without having been told. */
  know(mark: OrderMark): void
  /** Notes what was recorded of an order before a moment; of the same millisecond is rather told than lost. */
  knowBefore(moment: Date, order: Order): void
  /** True when the order has something that was not told. */
  isNews(mark: OrderMark): boolean
  /** The events of the order that were not told yet, oldest first; they count as told from now on. */
  take(order: Order): readonly ToldEvent[]
  /** Forgets orders that have not changed since; whatever they get from now on is recorded later. */
  forget(until: Date): void
}

interface Known {
  readonly seq: number
  readonly recordedAt: number
}

/** Of an order that is not remembered, what was recorded after `beginning` is new. */
export function createNovelty(beginning: Date): Novelty {
  const known = new Map<string, Known>()
  let horizon = beginning.getTime()

  function remember(id: string, seq: number, recordedAt: number): void {
    const before = known.get(id)
    known.set(id, {
      seq: Math.max(seq, before?.seq ?? 0),
      recordedAt: Math.max(recordedAt, before?.recordedAt ?? 0),
    })
  }

  function newOnes({ id, events }: Order): Order['events'] {
    const before = known.get(id)
    if (before !== undefined) return events.slice(before.seq)
    const first = events.findIndex(({ recordedAt }) => recordedAt.getTime() > horizon)
    return first === -1 ? [] : events.slice(first)
  }

  return {
    know: ({ id, seq, updatedAt }) => remember(id, seq, updatedAt.getTime()),
    knowBefore(moment, { id, events }) {
      const first = events.find(({ recordedAt }) => recordedAt >= moment)
      remember(id, first === undefined ? events.length : first.seq - 1, moment.getTime())
    },
    isNews({ id, seq, updatedAt }) {
      const before = known.get(id)
      return before === undefined ? updatedAt.getTime() > horizon : seq > before.seq
    },
    take(order) {
      const events = newOnes(order)
      for (const { seq, recordedAt } of events) remember(order.id, seq, recordedAt.getTime())
      return events.map((event) => ({ event, order }))
    },
    forget(until) {
      horizon = Math.max(horizon, until.getTime())
      for (const [id, { recordedAt }] of known) if (recordedAt <= horizon) known.delete(id)
    },
  }
}
