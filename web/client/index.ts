/**
 * The page's side of Paybell: watches an order over whatever the network lets through, and opens WeChat's cashier.
 * Runs in Chromium 86 and in the WebKit of iOS 12, and depends on nothing.
 *
 * ```ts
 * const watch = watchOrder({ url: 'https://pay.example.com', token: accessToken, onChange: ({ status }) => show(status) })
 * const hint = await payWithBridge(parameters, { onLateOk: () => watch.confirm() })
 * if (hint !== 'absent') await watch.confirm()
 * ```
 *
 * What the phone says of a payment is never a proof: only the order's status is.
 * @module
 */
export { type BridgeHint, type BridgeOptions, type JsapiParameters, payWithBridge } from './bridge.ts'
export type { Connection, TransportName } from './connection.ts'
export type { CloseReason, OrderStatus, WatchedOrder } from './order.ts'
export type { Listeners, WatchEnd } from './teller.ts'
export { type OrderWatch, watchOrder, type WatchOptions } from './watch-order.ts'
