import type { Order } from '../domain/order.ts'
import type { DatabaseClock } from '../models/database-clock.ts'
import type { OrderStore } from '../models/order.ts'
import type { Log } from '../operations/log.ts'
import { repeat } from '../operations/repeat.ts'
import { noBus, redisBus } from './bus.ts'
import { createFeed, type Feed } from './feed.ts'
import { createHub, type Hub } from './hub.ts'
import { follow, reconcile } from './reconcile.ts'

/** What telling watchers needs. */
export interface LiveParts {
  readonly orders: OrderStore
  readonly clock: DatabaseClock
  readonly log: Log
  /** Carries hints to other processes; null or absent for a single one. */
  readonly redisUrl?: string | null
  /** Pause between two looks at what other processes wrote of watched orders, in milliseconds; 1000 when absent. */
  readonly reconcilePauseMs?: number
  /** Who tells the watchers of this process; one of its own when absent. */
  readonly hub?: Hub
}

/** Everybody who is told about orders: in this process at once, in others by a hint or within a second. */
export interface Live {
  readonly hub: Hub
  readonly feed: Feed
  /** Tells of a change that is durable. */
  announce(order: Order): void
  close(): Promise<void>
}

/** Connects the hub of this process with those of the others. */
export function openLive(parts: LiveParts): Live {
  const { orders, clock, log, redisUrl = null, reconcilePauseMs: pauseMs = 1000 } = parts
  const onHint = (orderId: string, seq: number): void => {
    follow({ hub, orders }, orderId, seq).catch((error: unknown) =>
      log.warn({ err: error }, 'A hint could not be followed; the next comparison will.'),
    )
  }
  const bus = redisUrl === null ? noBus : redisBus(redisUrl, { log, onHint })
  const { hub = createHub({ begin: bus.watch, end: bus.unwatch }) } = parts
  const feed = createFeed({ hub, bus, orders, clock, log, pauseMs })
  const comparison = repeat({ name: 'comparison of watched orders', pauseMs, log }, () =>
    reconcile({ hub, orders }),
  )
  return {
    hub,
    feed,
    announce(order) {
      hub.announce(order)
      bus.hint(order.id, order.seq)
    },
    async close() {
      await feed.close()
      await comparison.stop()
      await bus.close()
    },
  }
}
