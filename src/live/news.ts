import type { Order } from '../domain/order.ts'
import type { OrderStore } from '../models/order.ts'
import type { Log } from '../operations/log.ts'
import { repeat } from '../operations/repeat.ts'
import type { Bus } from './bus.ts'
import type { ToldEvent } from './events.ts'
import type { Hub } from './hub.ts'
import { createNovelty } from './novelty.ts'

/** What hearing of all orders needs. */
export interface NewsParts {
  readonly hub: Hub
  readonly bus: Bus
  readonly orders: OrderStore
  readonly log: Log
  readonly now: () => Date
  /** Pause between two looks at what other processes wrote, in milliseconds. */
  readonly pauseMs: number
}

/**
 * How long after it was recorded an event may come to light, in milliseconds: a write that hangs takes up to 15 seconds,
 * and clocks of several machines differ.
 */
const LATENESS_MS = 20_000

/** More than these change between two looks in no process that has hints; without them, the newest are told. */
const MOST_CHANGES = 10_000
const READ_AT_ONCE = 200

/**
 * Tells every event of every order from now on, each once and those of one order in order: of this process at once, of
 * others at a hint or at the next look. A look is one query by index, over what changed within the last seconds.
 * @returns how to stop it
 */
export async function followAll(
  parts: NewsParts,
  tell: (told: ToldEvent) => unknown,
): Promise<() => Promise<void>> {
  const { hub, bus, orders, log, now } = parts
  const ago = (milliseconds: number): Date => new Date(now().getTime() - milliseconds)
  const changes = () => orders.changedSince(ago(LATENESS_MS), MOST_CHANGES)
  const early: Order[] = []
  let listener = (order: Order): void => void early.push(order)
  const stopListening = hub.listenToAll((order) => listener(order))

  // What is there now is known, and not told.
  const novelty = createNovelty(ago(LATENESS_MS))
  const marks = await changes().catch((error: unknown) => {
    stopListening()
    throw error
  })
  marks.forEach(novelty.know)
  listener = (order) => novelty.take(order).forEach(tell)
  early.forEach(listener)

  async function look(): Promise<void> {
    const ids = (await changes()).filter(novelty.isNews).map(({ id }) => id)
    for (let start = 0; start < ids.length; start += READ_AT_ONCE) {
      const read = await orders.byIds(ids.slice(start, start + READ_AT_ONCE))
      read.forEach(hub.announce)
    }
    novelty.forget(ago(2 * LATENESS_MS))
  }

  async function follow(id: string, seq: number): Promise<void> {
    if (!novelty.isNews({ id, seq, updatedAt: now() })) return
    const order = await orders.byId(id)
    if (order !== undefined) hub.announce(order)
  }

  const unwatch = bus.watchAll((id, seq) => {
    follow(id, seq).catch((error: unknown) =>
      log.warn({ err: error }, 'A hint could not be followed; the next look will find the order.'),
    )
  })
  const looking = repeat({ name: 'look at all orders', pauseMs: parts.pauseMs, log }, look)
  return async () => {
    stopListening()
    unwatch()
    await looking.stop()
  }
}
