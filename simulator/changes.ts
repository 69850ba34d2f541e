/** Somebody who wants to know that something changed. */
export type Listener = () => void

/** Tells many listeners about changes. */
export type Changes = {
  readonly announce: () => void
  /** Returns what ends the subscription. */
  readonly subscribe: (listener: Listener) => () => void
}

/** Starts with nobody listening. */
export function createChanges(): Changes {
  const listeners = new Set<Listener>()
  return {
    announce: () => {
      for (const listener of listeners) listener()
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
