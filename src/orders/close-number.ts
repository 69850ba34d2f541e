import { PaymentError } from '../domain/errors.ts'
import type { Order } from '../domain/order.ts'
import { isHandedOut, type TradeNumber } from '../domain/trade-number.ts'
import { accountOf } from './numbers-to-ask.ts'
import type { OrderPorts } from './ports.ts'
import { recordFact } from './record-fact.ts'

/** How a number ended: a query said so. `unknown`: the platform knows no payment of that number. */
export interface EndedNumber {
  /** As it was when the platform was asked. */
  readonly number: TradeNumber
  readonly end: 'paid' | 'closed' | 'unknown'
}

/** The same, with the order as it is after what was recorded. */
export interface ClosedNumber extends EndedNumber {
  readonly order: Order
}

function inDoubt({ outTradeNo }: Order, { platformTradeNo }: TradeNumber): PaymentError {
  const sentence = `Payment ${platformTradeNo} of order ${outTradeNo} could not be closed now: the payer may be paying at this moment.`
  return new PaymentError('PLATFORM_UNAVAILABLE', sentence)
}

/**
 * Closes a number at its platform, unless it is paid, closed or unknown there. Only an answer to a query says which, because
 * refusals are not signed. A payment that is found is recorded, believed or not.
 * @throws {PaymentError} PLATFORM_REFUSED, PLATFORM_UNAVAILABLE when it is not known that nobody can pay under it
 */
export async function closeNumber(
  ports: OrderPorts,
  order: Order,
  number: TradeNumber,
): Promise<ClosedNumber> {
  const account = accountOf(ports, order, number)
  const before = await account.query(number.platformTradeNo)
  if (before.kind === 'paid')
    return { number, end: 'paid', order: await recordFact(ports, order, before.fact) }
  if (before.kind === 'closed') return { number, end: 'closed', order }
  if (before.kind === 'absent' && !isHandedOut(order, number)) return { number, end: 'unknown', order }
  await account.close(number.platformTradeNo)
  // The payer may have been paying at that moment: only the platform knows.
  const after = await account.query(number.platformTradeNo)
  if (after.kind === 'paid') return { number, end: 'paid', order: await recordFact(ports, order, after.fact) }
  if (after.kind === 'closed') return { number, end: 'closed', order }
  if (after.kind === 'absent') return { number, end: 'unknown', order }
  throw inDoubt(order, number)
}
