import type { OrderWatch } from '../client/index.ts'
import { createCheckout, expectBridge } from './checkout.ts'
import { follow } from './follow.ts'
import { messagesFor } from './messages.ts'
import { createRender } from './render.ts'
import { isAwaitingMoney, screenOf } from './state.ts'
import { createStore, type Store } from './store.ts'

const TICK_MS = 1_000

function openPage(): void {
  const accessToken = /[^/]+(?=\/?$)/.exec(location.pathname)?.[0] ?? ''
  const token = decodeURIComponent(accessToken)
  const store = createStore(createRender(messagesFor(navigator.language)))
  const watch = follow({ store, url: location.origin, token })
  const checkout = createCheckout(store, { url: '/graphql', authorization: `Bearer ${token}` }, watch)
  onClick('pay', () => checkout.pay())
  onClick('check', () => checkout.checkAgain())
  confirmOnReturn(store, watch)
  keepTime(store)
  void expectBridge(store)
}

/** Some phones never say what became of a payment: who comes back from the cashier has the gateway ask. */
function confirmOnReturn(store: Store, watch: OrderWatch): void {
  document.addEventListener('visibilitychange', () => {
    if (isAwaitingMoney(store.state()) && document.visibilityState === 'visible') void watch.confirm()
  })
}

function keepTime(store: Store): void {
  const timer = setInterval(() => {
    store.dispatch({ kind: 'tick', nowMs: store.now() })
    if (screenOf(store.state()) === 'paid') clearInterval(timer)
  }, TICK_MS)
}

function onClick(id: string, act: () => Promise<void>): void {
  document.getElementById(id)?.addEventListener('click', () => void act())
}

openPage()
