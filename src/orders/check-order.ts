import { hasEnded, type Order } from '../domain/order.ts'
import type { DueOrder } from '../models/order.ts'
import { askPlatform } from './ask-platform.ts'
import { closeOrder, closeRest, recordClosed } from './close-order.ts'
import type { OrderPorts } from './ports.ts'

/** The platform closed every payment by itself: nobody can pay the order any more. */
function endedThere({ order, reports }: Awaited<ReturnType<typeof askPlatform>>): boolean {
  return order.attempts.length > 0 && reports.length > 0 && reports.every(({ kind }) => kind === 'closed')
}

async function check(ports: OrderPorts, order: Order): Promise<void> {
  if (order.expiresAt <= ports.now()) {
    const closed = await closeOrder(ports, order, { reason: 'EXPIRED', source: 'SYSTEM' })
    if (hasEnded(closed)) return
    throw new Error(`Order ${order.outTradeNo} has a payment that cannot be believed (see its anomalies).`)
  }
  const asked = await askPlatform(ports, order)
  if (!endedThere(asked)) return
  await recordClosed(ports, asked.order, { reason: 'PLATFORM', source: 'QUERY' })
}

/** Asks about the order as it is now; nothing more is due of one that has ended once the rest of it is closed. */
export async function checkOrder(ports: OrderPorts, claimed: DueOrder): Promise<void> {
  const order = (await ports.orders.byId(claimed.order.id)) ?? claimed.order
  if (!hasEnded(order)) return check(ports, order)
  await closeRest(ports, order)
  await ports.orders.claim(claimed, null)
}
