import { checkAfterChange } from '../domain/check-schedule.ts'
import { decide } from '../domain/decide.ts'
import { PaymentError } from '../domain/errors.ts'
import { evolve } from '../domain/evolve.ts'
import type { Order } from '../domain/order.ts'
import type { Fact } from '../domain/payment-fact.ts'
import type { OrderPorts } from './ports.ts'

/** Each lost race means that somebody else made progress, so this many in a row means that something is wrong. */
const MAX_RACES = 64

/** A fact that is only true as long as `holds` says so of the order as it is. */
export interface ConditionalFact {
  readonly fact: Fact
  readonly holds: (order: Order) => boolean
}

/**
 * Applies a fact to an order: one write, guarded by the order's `seq`. Who loses a race decides again on what is
 * there now. The only way in which an order changes after its creation.
 * @returns the order as it is afterwards: durable when this fact changed it, else as it was given or read, where what
 * somebody else wrote a moment ago may not be in the majority's journal yet
 * @throws {PaymentError} CONTENTION after too many lost races
 */
export function recordFact(ports: OrderPorts, order: Order, fact: Fact): Promise<Order> {
  return recordFactWhile(ports, order, { fact, holds: () => true })
}

/** As `recordFact`; an order for which the fact does not hold any more is given back as it is. */
export async function recordFactWhile(
  ports: OrderPorts,
  order: Order,
  { fact, holds }: ConditionalFact,
): Promise<Order> {
  let known = order
  for (let race = 0; race < MAX_RACES && holds(known); race += 1) {
    const now = ports.now()
    const events = decide(known, fact, now)
    if (events.length === 0) return known
    const storedAt = await ports.clock.stamp()
    const next = events.map((event) => ({ ...event, storedAt })).reduce(evolve, known)
    const check = checkAfterChange({ before: known, after: next }, ports.ladder, now)
    if (await ports.orders.append(known, next, check)) {
      ports.announce(next)
      return next
    }
    known = await reload(ports, order.id)
  }
  if (!holds(known)) return known
  throw new PaymentError(
    'CONTENTION',
    `Order ${order.outTradeNo} is being changed by too many writers at once.`,
  )
}

async function reload(ports: OrderPorts, id: string): Promise<Order> {
  const order = await ports.orders.byId(id)
  if (order === undefined) throw new Error(`Order ${id} vanished while it was being changed.`)
  return order
}
