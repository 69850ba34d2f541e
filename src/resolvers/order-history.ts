import { evolveState, fold } from '../domain/evolve.ts'
import type { Order, OrderEvent } from '../domain/order.ts'

/** How far a history was gone through: the state after that many events. */
interface Reached {
  readonly state: Order
}

const reached = new WeakMap<readonly OrderEvent[], Reached>()
/** How many events an order was reached through: 0 for the order itself. */
const distances = new WeakMap<Order, number>()

function beginningOf(events: readonly OrderEvent[]): Order | undefined {
  const [first] = events
  return first && fold([first])
}

/**
 * Goes on from the last state that was asked for: events are asked for in their order, so that a whole history costs one step
 * for each event.
 */
function stateAfter(events: readonly OrderEvent[], seq: number): Order | undefined {
  const known = reached.get(events)?.state
  const from = known !== undefined && known.seq <= seq ? known : beginningOf(events)
  if (from === undefined || seq < 1 || seq > events.length) return undefined
  const state = events.slice(from.seq, seq).reduce(evolveState, from)
  reached.set(events, { state })
  return state
}

/** The order as it was after the event with this seq. The list of its events is made when it is asked for. */
export function orderAt(order: Order, seq: number): Order {
  const { events } = order
  const state = stateAfter(events, seq)
  if (state === undefined) return order
  let own: readonly OrderEvent[] | undefined
  const past: Order = {
    ...state,
    get events() {
      own ??= events.slice(0, seq)
      return own
    },
  }
  distances.set(past, distanceOf(order) + 1)
  return past
}

/** How many events lie between an order and the one that was asked for. */
export function distanceOf(order: Order): number {
  return distances.get(order) ?? 0
}
