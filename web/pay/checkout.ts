import { type BridgeHint, findCashier, payWithBridge } from '../client/bridge.ts'
import type { Endpoint } from '../client/graphql.ts'
import type { OrderWatch } from '../client/index.ts'
import { startPayment } from './gateway.ts'
import { canPay, screenOf } from './state.ts'
import type { Store } from './store.ts'

/** What the payer can do on this page. */
export interface Checkout {
  /** Starts the payment and opens WeChat's sheet. */
  pay(): Promise<void>
  /** Asks again whether the money arrived. */
  checkAgain(): Promise<void>
}

/** How long a browser other than WeChat's is given to show that it has the bridge all the same. */
const BRIDGE_ELSEWHERE_MS = 3_000

/** Binds the two buttons to the gateway and to WeChat's bridge. */
export function createCheckout(store: Store, endpoint: Endpoint, watch: OrderWatch): Checkout {
  /** Whatever the phone says, the gateway is asked: people close WeChat's sheet after paying, too. */
  function hear(hint: BridgeHint): void {
    store.dispatch({ kind: 'payment', news: { kind: 'hint', hint } })
    if (hint !== 'absent') void watch.confirm()
  }

  return {
    async pay() {
      store.dispatch({ kind: 'tick', nowMs: store.now() })
      const { order } = store.state()
      if (order === null || !canPay(store.state())) return
      store.dispatch({ kind: 'payment', news: { kind: 'pressed' } })
      const started = await startPayment(endpoint, order.id)
      if (started.kind === 'link-refused') return store.dispatch(started)
      if (started.kind === 'problem') {
        if (started.order !== null) store.dispatch({ kind: 'order', order: started.order })
        return store.dispatch({ kind: 'payment', news: { kind: 'failed', problem: started.problem } })
      }
      if (screenOf(store.state()) !== 'paying') return
      hear(await payWithBridge(started.parameters, { onLateOk: () => hear('ok') }))
    },
    async checkAgain() {
      store.dispatch({ kind: 'check', phase: 'started' })
      const isAnswered = await watch.confirm()
      store.dispatch({ kind: 'check', phase: isAnswered ? 'answered' : 'unanswered' })
    },
  }
}

/** Says early that this is not WeChat, instead of when the payer presses the button. */
export async function expectBridge(store: Store): Promise<void> {
  document.addEventListener('WeixinJSBridgeReady', () =>
    store.dispatch({ kind: 'payment', news: { kind: 'bridge-found' } }),
  )
  if (/MicroMessenger/i.test(navigator.userAgent)) return
  const cashier = await findCashier({ absentAfterMs: BRIDGE_ELSEWHERE_MS })
  if (cashier === null) store.dispatch({ kind: 'payment', news: { kind: 'hint', hint: 'absent' } })
}
