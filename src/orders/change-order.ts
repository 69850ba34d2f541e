import { checkAfterChange } from '../domain/check-schedule.ts'
import { PaymentError } from '../domain/errors.ts'
import { evolve } from '../domain/evolve.ts'
import type { Order, OrderEvent } from '../domain/order.ts'
import { newRev } from '../models/order-record.ts'
import { reportAnomalies } from './report-anomalies.ts'
import type { OrderPorts } from './ports.ts'

/** Each lost race means that another writer made progress, so this many in a row means that something is wrong. */
const MAX_RACES = 64

/** What is to become of an order: new events of its history, and what lies beside them. Absent parts stay. */
export interface OrderPatch extends Partial<Pick<Order, 'numbers' | 'closing'>> {
  readonly events?: readonly OrderEvent[]
}

/** Decides on the order as it is; undefined changes nothing. Called again after a lost race. */
export type DecidePatch = (order: Order, now: Date) => OrderPatch | undefined

async function patched(
  { clock }: OrderPorts,
  known: Order,
  { events = [], ...beside }: OrderPatch,
): Promise<Order> {
  const storedAt = events.length === 0 ? undefined : await clock.stamp()
  const stamped = events.map((event) => ({ ...event, ...(storedAt && { storedAt }) }))
  // What lies beside the events comes first: an event that ends the order settles the wish to close it.
  return { ...stamped.reduce(evolve, { ...known, ...beside }), rev: newRev() }
}

async function reload(ports: OrderPorts, id: string): Promise<Order> {
  const order = await ports.orders.byId(id)
  if (order === undefined) throw new Error(`Order ${id} vanished while it was being changed.`)
  return order
}

function changesAnything({ events = [], numbers, closing }: OrderPatch): boolean {
  return events.length > 0 || numbers !== undefined || closing !== undefined
}

/**
 * Changes an order: one write, guarded by the `seq` and the `rev` that it had. Who loses a race decides again on what is
 * there now. The only way in which an order changes after its creation.
 * @returns the order as it is afterwards: durable when this call changed it, else as it was given or read, where what another
 * process wrote a moment ago may not be in the majority's journal yet. `key-taken` when another order of the merchant has one
 * of its new numbers or transactions.
 * @throws {PaymentError} CONTENTION after too many lost races
 */
export async function changeOrder(
  ports: OrderPorts,
  order: Order,
  decide: DecidePatch,
): Promise<Order | 'key-taken'> {
  let known = order
  for (let race = 0; race < MAX_RACES; race += 1) {
    const now = ports.now()
    const patch = decide(known, now)
    if (patch === undefined || !changesAnything(patch)) return known
    const next = await patched(ports, known, patch)
    const check = checkAfterChange({ before: known, after: next }, ports, now)
    const result = await ports.orders.append(known, next, check)
    if (result === 'key-taken') return result
    if (result === 'written') {
      if (next.seq > known.seq) ports.announce(next)
      await reportAnomalies(ports, next, known.seq)
      return next
    }
    known = await reload(ports, order.id)
  }
  throw new PaymentError(
    'CONTENTION',
    `Order ${order.outTradeNo} is being changed by too many writers at once.`,
  )
}

/** As `changeOrder`, for a change that brings no new number and no new transaction. */
export async function changeKeyless(ports: OrderPorts, order: Order, decide: DecidePatch): Promise<Order> {
  const changed = await changeOrder(ports, order, decide)
  if (changed !== 'key-taken') return changed
  throw new Error(`A number or transaction of order ${order.outTradeNo} belongs to another order.`)
}
