import type { Order } from '../domain/order.ts'
import type { OrderStore } from '../models/order.ts'
import type { MerchantPlatform } from '../platforms/platform.ts'
import type { Platform } from '../domain/payment-fact.ts'

/** What the use-cases need from the rest of the gateway. */
export interface OrderPorts {
  readonly orders: OrderStore
  /** The merchant's account at a platform; undefined when it has none. */
  readonly platformOf: (merchantId: string, platform: Platform) => MerchantPlatform | undefined
  /** Tells whoever watches the order. Called after the change is durable. */
  readonly announce: (order: Order) => void
  readonly now: () => Date
}
