import { waitingSlot, type WaitingSlot } from './waiting-slot.ts'

/** Holds the newest value for one reader: a slow reader misses values between, and costs the memory of one. */
export interface Newest<T> extends Pick<WaitingSlot<T>, 'end' | 'take'> {
  /** Hands over a value; with `isLast` nothing is taken after it. */
  offer(value: T, isLast: boolean): void
}

/** A slot that is still empty. */
export function newestOf<T>(): Newest<T> {
  let newest: { readonly value: T } | undefined
  const slot = waitingSlot<T>(() => {
    const taken = newest
    newest = undefined
    return taken
  })
  return {
    offer(value, isLast) {
      if (slot.isEnded) return
      if (!slot.hand(value)) newest = { value }
      if (isLast) slot.end()
    },
    end: slot.end,
    take: slot.take,
  }
}
