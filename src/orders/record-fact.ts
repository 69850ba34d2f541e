import { decide } from '../domain/decide.ts'
import type { Order } from '../domain/order.ts'
import type { Fact } from '../domain/payment-fact.ts'
import { changeOrder } from './change-order.ts'
import type { OrderPorts } from './ports.ts'

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
 * Applies a fact to an order (see `decide`).
 * @returns the order as it is afterwards, see `changeOrder`
 * @throws {PaymentError} CONTENTION after too many lost races
 */
export async function recordFact(ports: OrderPorts, order: Order, fact: Fact): Promise<Order> {
  const recorded = await changeOrder(ports, order, (known, now) => ({ events: decide(known, fact, now) }))
  return recorded === 'key-taken' ? recordFact(ports, order, await asReused(ports, order, fact)) : recorded
}
