import type { Caller } from '../access/caller.ts'
import type { OrderTokens } from '../access/order-token.ts'
import type { Feed } from '../live/feed.ts'
import type { Hub } from '../live/hub.ts'
import type { NotifyPorts } from '../notify/ports.ts'
import type { Questions } from '../orders/questions.ts'
import type { LoadOrder } from './order-loader.ts'

/** What the resolvers need from the rest of the gateway. */
export interface GatewayPorts extends NotifyPorts {
  readonly questions: Questions
  readonly tokens: OrderTokens
  readonly hub: Hub
  readonly feed: Feed
  readonly loadOrder: LoadOrder
  /** By the merchant's id. */
  readonly merchantNames: ReadonlyMap<string, string>
}

/** The context of one GraphQL operation, over HTTP or WebSocket. */
export interface GatewayContext {
  readonly caller: Caller
  readonly gateway: GatewayPorts
}
