import { decide } from '../domain/decide.ts'
import { hasEnded, isUnderReview, type Order } from '../domain/order.ts'
import type { CloseReason, EventSource } from '../domain/payment-fact.ts'
import { findNumber, openNumbers, withNumber, type TradeNumber } from '../domain/trade-number.ts'
import { allAtOnce } from './all-at-once.ts'
import { changeKeyless, type OrderPatch } from './change-order.ts'
import { closeNumber, type EndedNumber } from './close-number.ts'
import { numbersToAsk } from './numbers-to-ask.ts'
import type { OrderPorts } from './ports.ts'

/** Why an order ended unpaid, and who says so. */
export interface CloseRequest {
  readonly reason: CloseReason
  readonly source: EventSource
}

/**
 * Tells whether a proof is still about the number as it is: a payment that was opened or handed out after the query is not what
 * the platform did not know then.
 */
function isProved(current: TradeNumber, { number, end }: EndedNumber): boolean {
  if (current.endedAt !== null) return false
  return end !== 'unknown' || current.prepay?.id === number.prepay?.id
}

/**
 * The numbers of an order, those of them ended that were proved to be, and with them those that were found in use: a payment can
 * arrive after the close.
 */
function withEnded(order: Order, ended: readonly EndedNumber[], now: Date): readonly TradeNumber[] {
  return ended.reduce<readonly TradeNumber[]>((numbers, proof) => {
    const current = findNumber(numbers, proof.number)
    if (current === undefined && proof.end === 'unknown') return numbers
    if (current !== undefined && !isProved(current, proof)) return numbers
    return withNumber(numbers, { ...(current ?? proof.number), endedAt: now })
  }, order.numbers)
}

interface ClosedNumbers {
  /** The newest state of the order. */
  readonly order: Order
  /** Those under which nobody can pay any more. */
  readonly ended: readonly EndedNumber[]
  /** Why the first of the others could not be closed. */
  readonly failure: { readonly reason: unknown } | undefined
}

/** Closes the numbers of an order, all at once: one after the other could take minutes at a slow platform. */
async function closeNumbers(ports: OrderPorts, order: Order): Promise<ClosedNumbers> {
  const numbers = await numbersToAsk(ports, order)
  const { results, failure } = await allAtOnce(numbers.map((number) => closeNumber(ports, order, number)))
  const newest = results
    .map(({ order: known }) => known)
    .toSorted((one, other) => one.seq - other.seq)
    .at(-1)
  return { order: newest ?? order, ended: results, failure }
}

/** Keeps what was proved of some numbers, so that it need not be proved again for the others' sake. */
function recordEnded(ports: OrderPorts, order: Order, ended: readonly EndedNumber[]): Promise<Order> {
  return changeKeyless(ports, order, (known, now) => {
    const numbers = withEnded(known, ended, now)
    return numbers === known.numbers ? undefined : { numbers }
  })
}

/** The wish to close the order, durable, and with it that no further payment is started. */
function recordWish(ports: OrderPorts, order: Order, { reason, source }: CloseRequest): Promise<Order> {
  return changeKeyless(ports, order, (known, now) =>
    hasEnded(known) || known.closing !== null ? undefined : { closing: { reason, source, requestedAt: now } },
  )
}

/**
 * Calls an order closed under whose numbers nobody can pay any more, unless it has ended, or a further number was stored in the
 * meantime: then it is not true, and the order is given back as it is.
 */
export function recordClosed(
  ports: OrderPorts,
  order: Order,
  { ended, reason, source }: CloseRequest & { readonly ended: readonly EndedNumber[] },
): Promise<Order> {
  return changeKeyless(ports, order, (known, now): OrderPatch | undefined => {
    const numbers = withEnded(known, ended, now)
    if (hasEnded(known) || isUnderReview(known)) return undefined
    if (openNumbers({ ...known, numbers }).length > 0) return undefined
    const fact = { kind: 'closed', reason, source, occurredAt: now, cause: null } as const
    return { events: decide(known, fact, now), numbers }
  })
}

/**
 * Closes an order. The wish is stored first: from then on no payment is started, and the sweep carries it out whatever happens
 * to this process. Every number is then closed at the platform, and only when each is known to be paid or closed is the order
 * called closed. Never by the clock of this gateway alone: money may have arrived that was not reported.
 * @returns the order: CLOSED or, when money had arrived, PAID; neither while that money is under review
 * @throws {PaymentError} PLATFORM_REFUSED, PLATFORM_UNAVAILABLE; the call can be repeated
 */
export async function closeOrder(ports: OrderPorts, order: Order, request: CloseRequest): Promise<Order> {
  let known = order
  while (!hasEnded(known)) {
    // An order that has expired is not payable, and is due until it has ended.
    if (known.expiresAt > ports.now()) known = await recordWish(ports, known, request)
    const { order: found, ended, failure } = await closeNumbers(ports, known)
    if (hasEnded(found)) return found
    if (failure !== undefined || isUnderReview(found)) {
      // A number that was paid is asked about on until what was reported is believed, or resolved by a person.
      known = await recordEnded(
        ports,
        found,
        ended.filter(({ end }) => end !== 'paid'),
      )
      if (failure !== undefined) throw failure.reason
      return known
    }
    const { reason, source } = found.closing ?? request
    known = await recordClosed(ports, found, { ended, reason, source })
  }
  return known
}

/**
 * Closes what can still be paid of an order that has ended: another payer may hold an attempt of it. Money that arrived there,
 * also under a number that is closed, is recorded.
 * @returns the order as it is then
 * @throws {PaymentError} PLATFORM_REFUSED, PLATFORM_UNAVAILABLE when of one number it is not known that it is paid or closed;
 * the others have been taken care of, and the call can be repeated
 */
export async function closeRest(ports: OrderPorts, order: Order): Promise<Order> {
  const { order: found, ended, failure } = await closeNumbers(ports, order)
  const known = await recordEnded(ports, found, ended)
  if (failure !== undefined) throw failure.reason
  return known
}
