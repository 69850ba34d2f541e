import type { Caller } from '../access/caller.ts'
import type { OrderTokens } from '../access/order-token.ts'
import type { Hub } from '../live/hub.ts'
import type { OrderPorts } from '../orders/ports.ts'

/** What the resolvers need from the rest of the gateway. */
export interface GatewayPorts extends OrderPorts {
  readonly tokens: OrderTokens
  readonly hub: Hub
}

/** The context of one GraphQL operation, over HTTP or WebSocket. */
export interface GatewayContext {
  readonly caller: Caller
  readonly gateway: GatewayPorts
}
