import type { Release } from '../operations/concurrency-limit.ts'

/** The operations under way on one socket, each known by the payload that asked for it. */
export interface Operations {
  begin(payload: object): void
  /** What has to be given back when the operation ends; at once, when it has ended already. */
  hold(payload: object, release: Release): void
  end(payload: object): void
  endAll(): void
  /** When the last one ended, by `performance.now()`; null while there is one. */
  idleSince(): number | null
}

/** None is under way. An id would not do as a name: a client may use it again before the end of the first is known. */
export function createOperations(): Operations {
  const underWay = new Map<object, Release | undefined>()
  let idleSince = performance.now()

  function end(payload: object): void {
    const release = underWay.get(payload)
    if (underWay.delete(payload)) idleSince = performance.now()
    release?.()
  }

  return {
    begin: (payload) => void underWay.set(payload, undefined),
    hold(payload, release) {
      if (underWay.has(payload)) underWay.set(payload, release)
      else release()
    },
    end,
    endAll() {
      for (const payload of underWay.keys()) end(payload)
    },
    idleSince: () => (underWay.size > 0 ? null : idleSince),
  }
}
