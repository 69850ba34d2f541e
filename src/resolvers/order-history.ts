import { evolve, fold } from '../domain/evolve.ts'
import type { Order } from '../domain/order.ts'

const histories = new WeakMap<Order, readonly Order[]>()
/** How many events an order was reached through: 0 for the order itself. */
const distances = new WeakMap<Order, number>()

/** The order as it was after each of its events, told once however often it is asked for. */
function historyOf(order: Order): readonly Order[] {
  const known = histories.get(order)
  if (known !== undefined) return known
  const [first, ...rest] = order.events
  const states = first === undefined ? [] : [fold([first])]
  for (const event of rest) {
    const before = states.at(-1)
    if (before !== undefined) states.push(evolve(before, event))
  }
  for (const state of states) distances.set(state, distanceOf(order) + 1)
  histories.set(order, states)
  return states
}

/** The order as it was after the event with this seq. */
export function orderAt(order: Order, seq: number): Order {
  return historyOf(order)[seq - 1] ?? order
}

/** How many events lie between an order and the one that was asked for. */
export function distanceOf(order: Order): number {
  return distances.get(order) ?? 0
}
