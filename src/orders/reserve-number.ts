import { createHash } from 'node:crypto'
import { PaymentError } from '../domain/errors.ts'
import { isPayable, type Order } from '../domain/order.ts'
import { findNumber, isHandedOut, withNumber, type TradeNumber } from '../domain/trade-number.ts'
import { changeOrder, type OrderPatch } from './change-order.ts'
import { isMadeBy, type PaymentChoice } from './payment-choice.ts'
import type { OrderPorts } from './ports.ts'

/** The most payers of one order: each costs a call to the platform, and whoever holds the order's token may bring one. */
export const MAX_PAYERS = 10

/** The most numbers of one order: a payer needs a further one when the platform does not take the one before. */
const MAX_NUMBERS = 20

const MAX_TRADE_NO_LENGTH = 32

/**
 * The number of a further payment: a platform takes one number for one payer only. It follows from who pays what, so that a
 * payer who begins twice at once, in whichever process, gets one payment and not two that can both be paid.
 */
function furtherTradeNo(
  order: Order,
  { account, appId, payerId }: PaymentChoice,
  repetition: number,
): string {
  const whoPaysWhat = [order.id, account.platform, appId, payerId, ...(repetition > 0 ? [repetition] : [])]
  const suffix = `-${createHash('sha256').update(JSON.stringify(whoPaysWhat)).digest('hex').slice(0, 10)}`
  return order.outTradeNo.slice(0, MAX_TRADE_NO_LENGTH - suffix.length) + suffix
}

/** A number for this payer, as it is stored before the platform hears of it. */
export function newNumber(platformTradeNo: string, choice: PaymentChoice, createdAt: Date): TradeNumber {
  const { account, appId, payerId } = choice
  return {
    platform: account.platform,
    platformTradeNo,
    appId,
    payerId,
    createdAt,
    prepay: null,
    endedAt: null,
  }
}

/** The payer's number that can still be paid under; undefined when there is none. */
export function usableNumber({ numbers }: Order, choice: PaymentChoice): TradeNumber | undefined {
  return numbers.findLast((number) => number.endedAt === null && isMadeBy(number, choice))
}

/** Tells whether a payment by this payer may be started besides those that were. */
export function hasRoomFor(order: Order, choice: PaymentChoice): boolean {
  if (order.numbers.some((number) => isMadeBy(number, choice))) return true
  const others = order.numbers.filter(
    (number) => number.payerId !== null && (number.endedAt === null || isHandedOut(order, number)),
  )
  return (
    new Set(others.map(({ platform, appId, payerId }) => JSON.stringify([platform, appId, payerId]))).size <
    MAX_PAYERS
  )
}

/** The refusal when there is no room. */
export function tooManyPayers({ outTradeNo }: Order): PaymentError {
  const sentence = `payment must be by one of the ${MAX_PAYERS} payers who began to pay order ${outTradeNo}; there may be no more.`
  return new PaymentError('INVALID_INPUT', sentence, { field: 'payment' })
}

function tooManyNumbers({ outTradeNo }: Order): PaymentError {
  const sentence = `payment cannot be started: order ${outTradeNo} has had ${MAX_NUMBERS} payments at the platform; create another order.`
  return new PaymentError('INVALID_INPUT', sentence, { field: 'payment' })
}

/** The refusal of an order that cannot be paid. */
export function notPayable(order: Order): PaymentError {
  const { status, closing, outTradeNo } = order
  const isOver = status === 'PAID' || status === 'CLOSED'
  const why = isOver ? `is ${status}` : closing === null ? 'has expired' : 'is being closed'
  return new PaymentError('ORDER_NOT_PAYABLE', `Order ${outTradeNo} ${why}.`, { order })
}

/** The order's own number first; further ones are skipped that are in the list, or that another order has. */
function nextNumber(
  order: Order,
  choice: PaymentChoice,
  { taken, now }: { readonly taken: ReadonlySet<string>; readonly now: Date },
): TradeNumber {
  const { platform } = choice.account
  const isFree = (platformTradeNo: string): boolean =>
    !taken.has(platformTradeNo) && findNumber(order.numbers, { platform, platformTradeNo }) === undefined
  const own = findNumber(order.numbers, { platform, platformTradeNo: order.outTradeNo })
  // An earlier version may have sent it, and did not store for whom: the platform will say whether it can be used.
  if (own?.payerId === null && own.endedAt === null && !taken.has(order.outTradeNo))
    return newNumber(order.outTradeNo, choice, now)
  let tradeNo = order.outTradeNo
  for (let repetition = 0; !isFree(tradeNo); repetition += 1)
    tradeNo = furtherTradeNo(order, choice, repetition)
  return newNumber(tradeNo, choice, now)
}

/** Within so many milliseconds of being stored, a number may be on its way to the platform: a call takes 12 seconds at most. */
const SENDING_MS = 60_000

/** Tells whether a number that the platform does not know can be forgotten: nobody holds parameters, and no call is under way. */
export function isForgettable(order: Order, number: TradeNumber, now: Date): boolean {
  return !isHandedOut(order, number) && now.getTime() - number.createdAt.getTime() > SENDING_MS
}

/**
 * A number that is about to be sent again counts as new, so that nobody takes it for one that cannot be on its way. The order's own
 * number was stored with the order as a rule, and the call that created the order need not write it once more.
 */
function refreshed(order: Order, number: TradeNumber, now: Date): OrderPatch | undefined {
  const isOld = now.getTime() - number.createdAt.getTime() > SENDING_MS / 2
  const isOwn = number.platformTradeNo === order.outTradeNo
  if (isHandedOut(order, number) || (isOwn && !isOld)) return undefined
  return { numbers: withNumber(order.numbers, { ...number, createdAt: now }) }
}

/** An order with a number that is stored, and that its payer's payment can be opened under. */
export interface Reserved {
  readonly order: Order
  readonly number: TradeNumber
  /** Whether the number is a further one that nobody has sent before. Whoever sends it too changes the `rev` of the order first. */
  readonly isNew: boolean
}

/**
 * Stores the number under which a payer's payment is to be opened, before the platform hears of it: whatever happens then, it
 * is asked about until it is known to be paid, closed or unknown there.
 * @throws {PaymentError} ORDER_NOT_PAYABLE, INVALID_INPUT when there is no room for one more payer or number
 */
export async function reserveNumber(
  ports: OrderPorts,
  order: Order,
  choice: PaymentChoice,
): Promise<Reserved> {
  const taken = new Set<string>()
  let further: string | undefined
  const reserve = (known: Order, now: Date): OrderPatch | undefined => {
    further = undefined
    if (!isPayable(known, now)) return undefined
    const usable = usableNumber(known, choice)
    if (usable !== undefined) return refreshed(known, usable, now)
    if (!hasRoomFor(known, choice) || known.numbers.length >= MAX_NUMBERS) return undefined
    const number = nextNumber(known, choice, { taken, now })
    further = number.platformTradeNo
    return { numbers: withNumber(known.numbers, number) }
  }
  let reserved = await changeOrder(ports, order, reserve)
  while (reserved === 'key-taken') {
    if (further === undefined || taken.has(further))
      throw new Error(`No number of order ${order.outTradeNo} is free.`)
    taken.add(further)
    reserved = await changeOrder(ports, order, reserve)
  }
  if (!isPayable(reserved, ports.now())) throw notPayable(reserved)
  const number = usableNumber(reserved, choice)
  if (number === undefined)
    throw hasRoomFor(reserved, choice) ? tooManyNumbers(reserved) : tooManyPayers(reserved)
  const isNew = further === number.platformTradeNo && further !== order.outTradeNo
  return { order: reserved, number, isNew }
}
