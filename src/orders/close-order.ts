import { PaymentError } from '../domain/errors.ts'
import { unsettledAttempts, type Order } from '../domain/order.ts'
import type { CloseReason, EventSource } from '../domain/payment-fact.ts'
import { allAtOnce } from './all-at-once.ts'
import { numberOf, platformNumbers, type PlatformNumber } from './ask-platform.ts'
import type { OrderPorts } from './ports.ts'
import { recordFact, recordFactWhile } from './record-fact.ts'

/**
 * The order that was found paid instead, or undefined when nobody can pay this number any more. Only a signed answer to
 * a query says that: an error is not signed, so neither "no such order" nor "closed already" is believed.
 */
async function closeNumber(
  ports: OrderPorts,
  order: Order,
  { account, tradeNo, isHandedOut }: PlatformNumber,
): Promise<Order | undefined> {
  const before = await account.query(tradeNo)
  if (before.kind === 'paid') return recordFact(ports, order, before.fact)
  if (before.kind === 'closed' || (before.kind === 'absent' && !isHandedOut)) return undefined
  await account.close(tradeNo)
  // The payer may have been paying that very moment: only the platform knows.
  const after = await account.query(tradeNo)
  if (after.kind === 'paid') return recordFact(ports, order, after.fact)
  if (after.kind === 'closed') return undefined
  throw new PaymentError(
    'PLATFORM_UNAVAILABLE',
    after.kind === 'absent'
      ? `Order ${order.outTradeNo} could not be closed: the platform says that it does not know payment ${tradeNo}.`
      : `Order ${order.outTradeNo} could not be closed now: the payer may be paying at this moment.`,
  )
}

/**
 * Closes several numbers, all at once: one after the other could take minutes at a slow platform.
 * @returns the newest order that was found paid instead, or undefined when nobody can pay any of the numbers
 * @throws {PaymentError} as `closeNumber` does, after the others have been taken care of; unless one was found paid
 */
async function closeNumbers(
  ports: OrderPorts,
  order: Order,
  numbers: readonly PlatformNumber[],
): Promise<Order | undefined> {
  const { results, failure } = await allAtOnce(numbers.map((number) => closeNumber(ports, order, number)))
  const paid = results.flatMap((found) => found ?? [])
  if (failure !== undefined && paid.length === 0) throw failure.reason
  return paid.toSorted((one, other) => one.seq - other.seq).at(-1)
}

/** Why an order ended unpaid, and who says so. */
export interface Closing {
  readonly reason: CloseReason
  readonly source: EventSource
}

/**
 * Calls an order closed whose payments are all closed at the platform, unless it is called that already, or a payment
 * was started in the meantime: then it is not true, and the order is given back as it is.
 */
export function recordClosed(ports: OrderPorts, order: Order, { reason, source }: Closing): Promise<Order> {
  const fact = { kind: 'closed', reason, source, occurredAt: ports.now(), cause: null } as const
  const isTrue = ({ status, attempts }: Order): boolean =>
    status !== 'CLOSED' && attempts.length === order.attempts.length
  return recordFactWhile(ports, order, { fact, holds: isTrue })
}

/**
 * Closes an order: asks the platform first, closes every payment there, asks again when in doubt, and only then calls
 * the order closed. Never by our clock alone: money may have arrived that nobody told us of.
 * @returns the order: CLOSED or, when money had arrived, PAID; as it was when that money cannot be believed
 * @throws {PaymentError} PLATFORM_REFUSED, PLATFORM_UNAVAILABLE; the order is as it was, and the call can be repeated
 */
export async function closeOrder(ports: OrderPorts, order: Order, closing: Closing): Promise<Order> {
  let known = order
  while (known.status === 'CREATED' || known.status === 'PENDING') {
    const paid = await closeNumbers(ports, known, platformNumbers(ports, known))
    if (paid !== undefined) return paid
    known = await recordClosed(ports, known, closing)
  }
  return known
}

/**
 * Closes what can still be paid of an order that has ended: another payer may hold an attempt of it. Money that arrived
 * there is recorded.
 * @throws {PaymentError} PLATFORM_REFUSED, PLATFORM_UNAVAILABLE when of one attempt it is not known that it is paid or
 * closed; the others have been taken care of, and the call can be repeated
 */
export async function closeRest(ports: OrderPorts, order: Order): Promise<void> {
  const { failure } = await allAtOnce(
    unsettledAttempts(order).map(async (attempt) =>
      closeNumber(ports, order, numberOf(ports, order, attempt)),
    ),
  )
  if (failure !== undefined) throw failure.reason
}
