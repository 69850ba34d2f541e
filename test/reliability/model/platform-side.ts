import { ApiError } from '../../../simulator/api-error.ts'
import type { OrderView } from '../../../simulator/view.ts'
import { hear, numbersOf, type ModelOrder, type ModelPayment } from './model.ts'
import type { World } from './world.ts'

/** The platform's own state of a number; undefined when it does not know it. */
export function stateThere({ simulator }: World, tradeNo: string): OrderView['state'] | undefined {
  return simulator.orders().findLast(({ outTradeNo }) => outTradeNo === tradeNo)?.state
}

/** A payer pays at the platform; undefined when the platform does not take the money. */
export async function payThere(
  { simulator, merchant, relay }: World,
  tradeNo: string,
  evenIfClosed: boolean,
): Promise<ModelPayment | undefined> {
  try {
    const paid = await simulator.pay({ mchId: merchant.mchId, outTradeNo: tradeNo }, { evenIfClosed })
    await relay.arrived(paid.notificationId)
    return { ...paid, tradeNo, isAcknowledged: false }
  } catch (error) {
    if (error instanceof ApiError) return undefined
    throw error
  }
}

/** Sends a notification so many times at the same moment; what the gateway answered each time. */
export async function deliver(
  { simulator, relay }: World,
  { notificationId }: ModelPayment,
  copies: number,
): Promise<readonly (number | undefined)[]> {
  return relay.during(notificationId, () =>
    Promise.all(
      Array.from({ length: copies }, async () => (await simulator.redeliver(notificationId)).status),
    ),
  )
}

function paymentUnder(order: ModelOrder, tradeNo: string): ModelPayment | undefined {
  return order.payments.find((payment) => payment.tradeNo === tradeNo)
}

/** A gateway asks about every number of the order. */
export function learnByAsking(order: ModelOrder): void {
  for (const tradeNo of numbersOf(order)) {
    const payment = paymentUnder(order, tradeNo)
    if (payment !== undefined) hear(order, payment)
  }
}

/** A gateway closes one number after the other, and stops at the first that was paid. */
export function learnByClosing(order: ModelOrder): void {
  if (order.heard.size > 0 || order.isClosed) return
  for (const tradeNo of numbersOf(order)) {
    const payment = paymentUnder(order, tradeNo)
    if (payment === undefined) continue
    hear(order, payment)
    return
  }
  order.isClosed = true
}

/** A gateway asks about what else could be paid of an order that has ended, and closes it. */
function learnByClosingRest(order: ModelOrder): void {
  if (order.isRestDue) learnByAsking(order)
  order.isRestDue = false
}

/** A round of the gateway comes to this order, which is due if it can still change or be paid. */
export function learnInRound(order: ModelOrder, world: World, now: Date): void {
  if (order.heard.size > 0 || order.isClosed) {
    learnByClosingRest(order)
    return
  }
  if (order.expiresAt <= now) {
    learnByClosing(order)
    return
  }
  if (order.attempts.length === 0) return
  learnByAsking(order)
  const states = numbersOf(order).map((tradeNo) => stateThere(world, tradeNo))
  if (order.heard.size === 0 && states.every((state) => state === 'CLOSED')) order.isClosed = true
}
