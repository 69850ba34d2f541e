import { decide, leftOutOf, type LeftOut } from '../domain/decide.ts'
import type { Order, OrderEvent } from '../domain/order.ts'
import type { Fact, PaidFact } from '../domain/payment-fact.ts'
import { changeOrder } from './change-order.ts'
import type { OrderPorts } from './ports.ts'

/** What recording a fact did. */
export interface Recorded {
  /** The order as it is afterwards, see `changeOrder`. */
  readonly order: Order
  /** What this call wrote; empty when the order knew it all, or leaves it out. */
  readonly events: readonly OrderEvent[]
  readonly leftOut: LeftOut | undefined
}

/** The fact with the order that its transaction has paid. Only a transaction can be another order's: a fact brings no number. */
async function asReused({ orders }: OrderPorts, order: Order, fact: Fact): Promise<Fact> {
  // A transaction that is known to be another order's brings no key.
  if (fact.kind !== 'paid' || fact.paidOrder !== undefined)
    throw new Error(`A ${fact.kind} fact of order ${order.outTradeNo} met a taken key.`)
  const { platform, transactionId } = fact
  const owner = await orders.byTransaction(order.merchantId, platform, transactionId)
  if (owner === undefined)
    throw new Error(`The order that transaction ${transactionId} has paid is not there.`)
  return { ...fact, paidOrder: owner.outTradeNo }
}

/**
 * Applies a fact to an order (see `decide`), and leaves it to the caller to report what the order leaves out.
 * @throws {PaymentError} CONTENTION after too many lost races
 */
export async function record(ports: OrderPorts, order: Order, fact: Fact): Promise<Recorded> {
  let events: readonly OrderEvent[] = []
  const changed = await changeOrder(ports, order, (known, now) => {
    events = decide(known, fact, now)
    return { events }
  })
  return changed === 'key-taken'
    ? record(ports, order, await asReused(ports, order, fact))
    : { order: changed, events, leftOut: leftOutOf(changed, fact) }
}

/**
 * Applies a fact to an order (see `decide`). A payment that the order leaves out gets its line in the log.
 * @returns the order as it is afterwards, see `changeOrder`
 * @throws {PaymentError} CONTENTION after too many lost races
 */
export async function recordFact(ports: OrderPorts, order: Order, fact: Fact): Promise<Order> {
  const { order: recorded, leftOut } = await record(ports, order, fact)
  if (leftOut !== undefined) ports.leftOutLines.write(recorded, leftOut)
  return recorded
}

function bringsTransaction(event: OrderEvent): boolean {
  return 'transaction' in event && event.transaction !== null
}

/** The events that recording a payment would write now. Writes nothing. */
export async function foreseeFact(
  { orders, now }: OrderPorts,
  order: Order,
  fact: PaidFact,
): Promise<readonly OrderEvent[]> {
  const events = decide(order, fact, now())
  if (!events.some(bringsTransaction)) return events
  const owner = await orders.byTransaction(order.merchantId, fact.platform, fact.transactionId)
  if (owner === undefined) return events
  // The order itself: it was paid by this transaction since it was read.
  if (owner.id === order.id) return decide(owner, fact, now())
  return decide(order, { ...fact, paidOrder: owner.outTradeNo }, now())
}
