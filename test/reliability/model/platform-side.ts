import { ApiError } from '../../../simulator/api-error.ts'
import type { PaymentTerms } from '../../../simulator/ledger.ts'
import type { OrderView } from '../../../simulator/view.ts'
import {
  hasEnded,
  hear,
  isHandedOut,
  isUnderReview,
  openNumbers,
  queriedNumbers,
  type ModelOrder,
  type ModelPayment,
  type NotifiedPayment,
} from './model.ts'
import type { World } from './world.ts'

function orderThere({ simulator }: World, tradeNo: string): OrderView | undefined {
  return simulator.orders().findLast(({ outTradeNo }) => outTradeNo === tradeNo)
}

/** The platform's own state of a number; undefined when it does not know it. */
export function stateThere(world: World, tradeNo: string): OrderView['state'] | undefined {
  return orderThere(world, tradeNo)?.state
}

/** Tells whether another system of the merchant opened the order that the platform has under a number. */
export function isElsewhere(world: World, tradeNo: string): boolean {
  const order = orderThere(world, tradeNo)
  return order !== undefined && !order.notifyUrl.startsWith(world.relay.url)
}

/** A payer pays at the platform; undefined when the platform does not take the money. */
export async function payThere(
  world: World,
  tradeNo: string,
  terms: PaymentTerms,
): Promise<ModelPayment | undefined> {
  const { simulator, merchant, relay } = world
  try {
    const paid = await simulator.pay({ mchId: merchant.mchId, outTradeNo: tradeNo }, terms)
    const isNotified = !isElsewhere(world, tradeNo)
    if (isNotified) await relay.arrived(paid.notificationId)
    return {
      tradeNo,
      transactionId: paid.transactionId,
      notificationId: isNotified ? paid.notificationId : undefined,
      total: orderThere(world, tradeNo)?.total ?? 0,
      paidAt: terms.paidAt ?? world.now(),
      isAcknowledged: false,
      arrival: 'never',
      falseReports: new Set(),
    }
  } catch (error) {
    if (error instanceof ApiError) return undefined
    throw error
  }
}

/** Sends a notification so many times at the same moment; what the gateway answered each time. */
export async function deliver(
  { simulator, relay }: World,
  { notificationId }: NotifiedPayment,
  copies: number,
): Promise<readonly (number | undefined)[]> {
  return relay.during(notificationId, () =>
    Promise.all(
      Array.from({ length: copies }, async () => (await simulator.redeliver(notificationId)).status),
    ),
  )
}

function learn(order: ModelOrder, tradeNos: readonly string[]): void {
  for (const payment of order.payments) if (tradeNos.includes(payment.tradeNo)) hear(order, payment)
}

function learnFromQueries(order: ModelOrder): void {
  learn(
    order,
    queriedNumbers(order).map(({ tradeNo }) => tradeNo),
  )
}

/** The platform has closed what was handed out since it was last known, and knows nothing else of the order: it has ended there. */
function isEndedThere(world: World, order: ModelOrder): boolean {
  const numbers = queriedNumbers(order)
    .filter(({ isEnded }) => !isEnded)
    .map(({ tradeNo, resumableUntil }) => ({
      state: stateThere(world, tradeNo),
      isHandedOut: isHandedOut(order, tradeNo),
      isHeld: resumableUntil !== null,
    }))
  const rest = numbers.filter(({ state }) => state !== 'CLOSED')
  return (
    numbers.some((number) => number.state === 'CLOSED' && number.isHandedOut && number.isHeld) &&
    rest.every((number) => number.state === undefined && !number.isHandedOut)
  )
}

/** The gateway queries every number of the order that it still wants to know about. */
export function learnByAsking(order: ModelOrder, world: World): void {
  learnFromQueries(order)
  if (!hasEnded(order) && !isUnderReview(order) && isEndedThere(world, order)) order.isClosed = true
}

/** The wish to close an order is recorded, and then each number is closed, unless it turns out to be paid. */
export function learnByClosing(order: ModelOrder, now: Date): void {
  if (hasEnded(order)) return
  order.isClosing ||= order.expiresAt > now
  learnFromQueries(order)
  if (hasEnded(order) || isUnderReview(order)) return
  order.isClosed = true
  order.isClosing = false
}

/** The gateway opens a payment, and is refused when there is a payment under the number that it chooses first. */
export function learnByStarting(order: ModelOrder, payer: string, now: Date): void {
  const usable = order.numbers.findLast((number) => !number.isEnded && number.payer === payer)
  if (usable !== undefined && usable.resumableUntil !== null && usable.resumableUntil > now) return
  const isOwnFree = !order.numbers.some(({ tradeNo }) => tradeNo === order.outTradeNo)
  learn(order, [usable?.tradeNo ?? (isOwnFree ? order.outTradeNo : '')])
}

/** A round of the gateway comes to this order; `isDue` says whether one that cannot be paid now is to be queried. */
export function learnInRound(order: ModelOrder, world: World, isDue: boolean): void {
  const hadEnded = hasEnded(order)
  if (!hadEnded && (order.isClosing || order.expiresAt <= world.now())) learnByClosing(order, world.now())
  else if (isDue || (!hadEnded && openNumbers(order).length > 0)) learnByAsking(order, world)
  order.isPaidInRound = !hadEnded && order.heard.size > 0
}
