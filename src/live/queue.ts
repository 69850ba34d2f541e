import { waitingSlot, type WaitingSlot } from './waiting-slot.ts'

/** Holds values for one reader, up to a bound. */
export interface Queue<T> extends Pick<WaitingSlot<T>, 'end' | 'take'> {
  /** Hands over a value. One too many, and all that wait make room for `overflow`, after which nothing is taken. */
  offer(value: T): void
  /** All that wait make room for `overflow` at once, as if there were one too many. */
  overflow(): void
}

/** An empty queue for up to `limit` values. */
export function boundedQueue<T>(limit: number, overflow: T): Queue<T> {
  let values: { readonly value: T }[] = []
  const slot = waitingSlot<T>(() => values.shift())

  function giveUp(): void {
    if (slot.isEnded) return
    values = slot.hand(overflow) ? [] : [{ value: overflow }]
    slot.end()
  }

  return {
    offer(value) {
      if (slot.isEnded || slot.hand(value)) return
      if (values.length >= limit) giveUp()
      else values.push({ value })
    },
    overflow: giveUp,
    end: slot.end,
    take: slot.take,
  }
}
