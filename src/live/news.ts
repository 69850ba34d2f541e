import type { Order } from '../domain/order.ts'
import type { OrderMark, OrderStore } from '../models/order.ts'
import type { Log } from '../operations/log.ts'
import { repeat } from '../operations/repeat.ts'
import type { Bus } from './bus.ts'
import type { ToldEvent } from './events.ts'
import type { Hub } from './hub.ts'
import { createNovelty, type Novelty } from './novelty.ts'

/** What hearing of all orders needs. */
export interface NewsParts {
  readonly hub: Hub
  readonly bus: Bus
  readonly orders: Pick<OrderStore, 'changedSince' | 'byId' | 'byIds'>
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

/** One look finds so many; more change between two looks only where the one before was long ago. */
const MOST_CHANGES = 10_000
const READ_AT_ONCE = 200

/** Who is told what happens. Must not throw. */
export interface NewsReader {
  tell(told: ToldEvent): void
  /** More has happened than can be told. */
  lose(): void
}

function earlier(moment: Date, milliseconds: number): Date {
  return new Date(moment.getTime() - milliseconds)
}

async function* readAll(orders: NewsParts['orders'], marks: readonly OrderMark[]) {
  const ids = marks.map(({ id }) => id)
  for (let start = 0; start < ids.length; start += READ_AT_ONCE)
    yield* await orders.byIds(ids.slice(start, start + READ_AT_ONCE))
}

/** What was there before `beginning` is known, and not told; what is there since is told by the first look. */
async function startKnowing({ orders }: NewsParts, beginning: Date): Promise<Novelty> {
  const since = earlier(beginning, LATENESS_MS)
  const novelty = createNovelty(since)
  const marks = await orders.changedSince(since, MOST_CHANGES)
  const isOld = ({ updatedAt }: OrderMark): boolean => updatedAt < beginning
  marks.filter(isOld).forEach(novelty.know)
  const changing = marks.filter((mark) => !isOld(mark))
  for await (const order of readAll(orders, changing)) novelty.knowBefore(beginning, order)
  return novelty
}

/** How to look at what changed since the last look that succeeded, however long ago that was. */
function lookSince(beginning: Date, parts: NewsParts, { novelty, lose }: { novelty: Novelty; lose(): void }) {
  const { hub, orders, now } = parts
  let lookedAt = beginning
  return async function look(): Promise<void> {
    const at = now()
    // The clock may have been set back.
    const last = at < lookedAt ? at : lookedAt
    const marks = await orders.changedSince(earlier(last, LATENESS_MS), MOST_CHANGES)
    const oldest = marks[MOST_CHANGES - 1]
    if (oldest !== undefined && oldest.updatedAt > last) {
      marks.forEach(novelty.know)
      lose()
    }
    for await (const order of readAll(orders, marks.filter(novelty.isNews))) hub.announce(order)
    lookedAt = at
    novelty.forget(earlier(last, 2 * LATENESS_MS))
  }
}

/**
 * Tells every event of every order from now on, each once and those of one order in order: of this process at once, of
 * others at a hint or at the next look. A look is one query by index, over what changed since the last one and within
 * some seconds before it.
 * @returns how to stop it
 */
export async function followAll(parts: NewsParts, reader: NewsReader): Promise<() => Promise<void>> {
  const { hub, bus, orders, log, now } = parts
  const beginning = now()
  const early: Order[] = []
  let listener = (order: Order): void => void early.push(order)
  const stopListening = hub.listenToAll((order) => listener(order))

  const novelty = await startKnowing(parts, beginning).catch((error: unknown) => {
    stopListening()
    throw error
  })
  listener = (order) => novelty.take(order).forEach(reader.tell)
  early.forEach(listener)

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
  const look = lookSince(beginning, parts, { novelty, lose: reader.lose })
  const looking = repeat({ name: 'look at all orders', pauseMs: parts.pauseMs, log }, look)
  return async () => {
    stopListening()
    unwatch()
    await looking.stop()
  }
}
