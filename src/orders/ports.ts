import type { PollSchedules } from '../domain/check-schedule.ts'
import type { Order } from '../domain/order.ts'
import type { Platform } from '../domain/payment-fact.ts'
import type { DatabaseClock } from '../models/database-clock.ts'
import type { OrderStore } from '../models/order.ts'
import type { Log } from '../operations/log.ts'
import type { MerchantPlatform, PageParameters } from '../platforms/platform.ts'
import type { LeftOutLines } from './left-out-lines.ts'
import type { Starts } from './starts.ts'

/** A payment that the page can make now. */
export interface StartedPayment {
  readonly order: Order
  readonly parameters: PageParameters
}

/** What the use-cases need from the rest of the gateway. */
export interface OrderPorts extends PollSchedules {
  readonly orders: OrderStore
  /** What every new event is stamped with; `now` is for what people see. */
  readonly clock: Pick<DatabaseClock, 'stamp'>
  /** The merchant's account at a platform; undefined when it has none. */
  readonly platformOf: (merchantId: string, platform: Platform) => MerchantPlatform | undefined
  /** Tells whoever watches the order. Called after the change is durable. */
  readonly announce: (order: Order) => void
  /** Applies what arrived for an order before it existed, and gives the order as it is then. */
  readonly orderAppeared: (order: Order) => Promise<Order>
  /** The payments that are being started in this process. */
  readonly starts: Starts<StartedPayment>
  /** The lines about payments that orders leave out. */
  readonly leftOutLines: LeftOutLines
  readonly log: Log
  readonly now: () => Date
}
