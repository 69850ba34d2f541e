import { checkOfEnded } from '../domain/check-schedule.ts'
import { hasEnded, type Order } from '../domain/order.ts'
import { isHandedOut, openNumbers } from '../domain/trade-number.ts'
import type { DueOrder } from '../models/order.ts'
import { askPlatform, type Asked } from './ask-platform.ts'
import { closeOrder, closeRest, recordClosed } from './close-order.ts'
import type { OrderPorts } from './ports.ts'

/** The platform closed every payment by itself: nobody can pay the order any more. */
function endedThere({ order, reports }: Asked): boolean {
  const isKnownThere = reports.some(
    ({ number, report }) => report.kind === 'closed' && isHandedOut(order, number),
  )
  const open = openNumbers(order)
  const isUnknown = open.every((number) => !isHandedOut(order, number))
  const isAnswered = reports.every(({ report }) => report.kind === 'closed' || report.kind === 'absent')
  return isKnownThere && isUnknown && isAnswered
}

async function checkOpen(ports: OrderPorts, order: Order): Promise<void> {
  if (order.closing !== null || order.expiresAt <= ports.now()) {
    const closed = await closeOrder(ports, order, { reason: 'EXPIRED', source: 'SYSTEM' })
    if (hasEnded(closed)) return
    throw new Error(`Order ${order.outTradeNo} has a payment that cannot be believed (see its anomalies).`)
  }
  const asked = await askPlatform(ports, order)
  if (hasEnded(asked.order) || !endedThere(asked)) return
  const ended = asked.reports.map(({ number }) => number)
  await recordClosed(ports, asked.order, { ended, reason: 'PLATFORM', source: 'QUERY' })
}

/** Asks about the order as it is now. Of one that has ended, what can still be paid is closed first. */
export async function checkOrder(ports: OrderPorts, claimed: DueOrder): Promise<void> {
  const order = (await ports.orders.byId(claimed.order.id)) ?? claimed.order
  if (!hasEnded(order)) return checkOpen(ports, order)
  const rest = await closeRest(ports, order)
  await ports.orders.claim(claimed, checkOfEnded(rest, ports, ports.now()))
}
