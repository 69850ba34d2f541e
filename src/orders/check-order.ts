import { checkOfEnded, checkOfUnpayable } from '../domain/check-schedule.ts'
import { hasEnded, type Order } from '../domain/order.ts'
import { openNumbers } from '../domain/trade-number.ts'
import type { DueOrder } from '../models/order.ts'
import { askPlatform } from './ask-platform.ts'
import { closeOrder, closeRest } from './close-order.ts'
import type { OrderPorts } from './ports.ts'

/** Asks about an order that can be paid. Where only late money can be found, the next question is on another schedule. */
async function askAbout(ports: OrderPorts, claimed: DueOrder, order: Order): Promise<void> {
  const asked = await askPlatform(ports, order)
  if (hasEnded(asked) || openNumbers(asked).length > 0) return
  await ports.orders.claim(claimed, checkOfUnpayable(asked, ports, ports.now()))
}

async function checkOpen(ports: OrderPorts, claimed: DueOrder, order: Order): Promise<void> {
  if (order.closing === null && order.expiresAt > ports.now()) return askAbout(ports, claimed, order)
  const closed = await closeOrder(ports, order, { reason: 'EXPIRED', source: 'SYSTEM' })
  if (hasEnded(closed)) return
  throw new Error(`Order ${order.outTradeNo} has a payment that cannot be believed (see its anomalies).`)
}

/** Asks about the order as it is now. Of one that has ended, what can still be paid is closed first. */
export async function checkOrder(ports: OrderPorts, claimed: DueOrder): Promise<void> {
  const order = (await ports.orders.byId(claimed.order.id)) ?? claimed.order
  if (!hasEnded(order)) return checkOpen(ports, claimed, order)
  const rest = await closeRest(ports, order)
  await ports.orders.claim(claimed, checkOfEnded(rest, ports, ports.now()))
}
