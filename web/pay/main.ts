import type { Endpoint } from '../client/graphql.ts'
import { createCheckout, expectBridge } from './checkout.ts'
import { type Follower, follow } from './follow.ts'
import { messagesFor } from './messages.ts'
import { createRender } from './render.ts'
import { screenOf } from './state.ts'
import { createStore, type Store } from './store.ts'

const TICK_MS = 1_000
/** Where sockets do not get through, an open payment is asked for instead; pages do so at different rhythms. */
const TICKS_BETWEEN_POLLS = 5 + Math.floor(Math.random() * 5)

function openPage(): void {
  const accessToken = /[^/]+(?=\/?$)/.exec(location.pathname)?.[0] ?? ''
  const endpoint: Endpoint = { url: '/graphql', authorization: `Bearer ${decodeURIComponent(accessToken)}` }
  const socketUrl = `${location.origin.replace(/^http/, 'ws')}/graphql`
  const store = createStore(createRender(messagesFor(navigator.language)))
  const follower = follow({ store, endpoint, socketUrl })
  const checkout = createCheckout(store, endpoint, follower)
  onClick('pay', () => checkout.pay())
  onClick('check', () => checkout.checkAgain())
  catchUpOnReturn(follower)
  keepTime(store, follower)
  void expectBridge(store)
}

/** Phones freeze pages and kill their sockets without a word, so a page that is seen again trusts nothing it knew. */
function catchUpOnReturn(follower: Follower): void {
  let lastMs = 0
  const catchUp = (): void => {
    const nowMs = Date.now()
    if (document.visibilityState === 'hidden' || nowMs - lastMs < TICK_MS) return
    lastMs = nowMs
    void follower.catchUp()
  }
  document.addEventListener('visibilitychange', catchUp)
  window.addEventListener('pageshow', catchUp)
  window.addEventListener('online', catchUp)
}

function keepTime(store: Store, follower: Follower): void {
  let ticks = 0
  const timer = setInterval(() => {
    ticks += 1
    store.dispatch({ kind: 'tick', nowMs: store.now() })
    if (screenOf(store.state()) === 'paid') {
      clearInterval(timer)
      follower.stop()
    } else if (ticks % TICKS_BETWEEN_POLLS === 0) {
      void follower.poll()
    }
  }, TICK_MS)
}

function onClick(id: string, act: () => Promise<void>): void {
  document.getElementById(id)?.addEventListener('click', () => void act())
}

openPage()
