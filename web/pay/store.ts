import { initialState, type PayEvent, type PayState, reduce } from './state.ts'

/** The page's one state, and the one way to change it. */
export interface Store {
  state(): PayState
  dispatch(event: PayEvent): void
  /** Milliseconds since 1970 by the gateway's clock, as far as it is known. */
  now(): number
  /** Takes over the gateway's clock: a phone that is an hour off must not see its order as expired. */
  setClock(servedAtMs: number): void
}

/** @param show is called once at the start and after every change */
export function createStore(show: (state: PayState) => void): Store {
  let aheadMs = 0
  let state = initialState(Date.now())
  show(state)
  return {
    state: () => state,
    now: () => Date.now() + aheadMs,
    setClock(servedAtMs) {
      aheadMs = servedAtMs - Date.now()
    },
    dispatch(event) {
      const next = reduce(state, event)
      if (next === state) return
      state = next
      show(state)
    },
  }
}
