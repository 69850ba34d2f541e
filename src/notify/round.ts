import type { Order } from '../domain/order.ts'
import type { StoredNotification } from '../models/notification.ts'
import type { Log } from '../operations/log.ts'
import { applyStored } from './apply-notification.ts'
import type { NotifyPorts } from './ports.ts'

/** A row that was sent this recently is left to the delivery that may still be at work on it, in milliseconds. */
const SETTLE_TIME_MS = 10_000
const BATCH = 100

async function applyEach(ports: NotifyPorts, rows: readonly StoredNotification[], log: Log): Promise<number> {
  let applied = 0
  for (const row of rows) {
    const { outcome, explanation } = await applyStored(ports, row)
    if (outcome === row.outcome) continue
    applied += 1
    log.info({ notificationId: row.platformNotificationId, outcome }, `inbox: ${explanation.en}`)
  }
  return applied
}

/** Applies what was stored and not applied, because the process or the database went away in between. */
export async function applyPending(ports: NotifyPorts, log: Log): Promise<number> {
  const silentSince = new Date(ports.now().getTime() - SETTLE_TIME_MS)
  return applyEach(ports, await ports.inbox.pending('VERIFIED', silentSince, BATCH), log)
}

/** Tries again to decrypt what could not be decrypted. A key only changes with a restart, so this is for the start. */
export async function applyUndecryptable(ports: NotifyPorts, log: Log): Promise<number> {
  return applyEach(ports, await ports.inbox.pending('UNDECRYPTABLE', ports.now(), BATCH), log)
}

/** Applies what arrived for an order before the order did, and gives the order as it is then. */
export async function applyUnmatched(ports: NotifyPorts, order: Order, log: Log): Promise<Order> {
  if (order.status === 'PAID') return order
  const numbers = [order.outTradeNo, ...order.attempts.map(({ platformTradeNo }) => platformTradeNo)]
  const rows = await ports.inbox.unmatched(order.merchantId, numbers)
  const applied = await applyEach(ports, rows, log)
  return applied === 0 ? order : ((await ports.orders.byId(order.id)) ?? order)
}
