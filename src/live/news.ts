import type { Order } from '../domain/order.ts'
import type { DatabaseClock } from '../models/database-clock.ts'
import type { OrderMark, OrderStore } from '../models/order.ts'
import { COMMITTED } from '../models/read-concern.ts'
import type { Log } from '../operations/log.ts'
import { repeat } from '../operations/repeat.ts'
import type { Bus } from './bus.ts'
import { visitChanges } from './changes.ts'
import type { ToldEvent } from './events.ts'
import type { Hub } from './hub.ts'
import { createNovelty, type Novelty } from './novelty.ts'

/** What hearing of all orders needs. */
export interface NewsParts {
  readonly hub: Hub
  readonly bus: Bus
  readonly orders: Pick<OrderStore, 'changedSince' | 'byId' | 'byIds'>
  readonly clock: Pick<DatabaseClock, 'now' | 'ago'>
  readonly log: Log
  /** Pause between two looks at what other processes wrote, in milliseconds. */
  readonly pauseMs: number
}

/**
 * How long after it was stamped an event may come to light, in milliseconds: a write that hangs takes up to 15 seconds, and
 * a process finds out within five that the shared clock was set forward.
 */
const LATENESS_MS = 30_000

const READ_AT_ONCE = 200

/** Who is told what happens. Must not throw. */
export interface NewsReader {
  tell(told: ToldEvent): void
  /** More has happened than can be told. */
  lose(): void
}

async function* readAll(orders: NewsParts['orders'], marks: readonly OrderMark[]) {
  const ids = marks.map(({ id }) => id)
  for (let start = 0; start < ids.length; start += READ_AT_ONCE)
    yield* await orders.byIds(ids.slice(start, start + READ_AT_ONCE))
}

/** When a look happened, and from when on it looked; both by the shared clock. */
interface Look {
  readonly at: Date
  readonly since: Date
}

function lookNow(clock: NewsParts['clock']): Look {
  return { at: clock.now(), since: clock.ago(LATENESS_MS) }
}

interface Beginning {
  readonly novelty: Novelty
  /** False when what was there could not be gone through: then old events would be told as new ones. */
  readonly isWhole: boolean
}

/** What was there before `beginning` is known, and not told; what is there since is told by the first look. */
async function startKnowing({ orders }: NewsParts, { since, at }: Look): Promise<Beginning> {
  const novelty = createNovelty(since)
  const isOld = ({ storedAt }: OrderMark): boolean => storedAt < at
  const isWhole = await visitChanges(orders, { since, concern: COMMITTED }, async (marks) => {
    marks.filter(isOld).forEach(novelty.know)
    const changing = marks.filter((mark) => !isOld(mark))
    for await (const order of readAll(orders, changing)) novelty.knowBefore(at, order)
  })
  return { novelty, isWhole }
}

/** Tells of orders as the majority has them. Gives back those that it does not have as far as the primary. */
async function tellCommitted({ orders, hub }: NewsParts, marks: readonly OrderMark[]) {
  const committed = new Map<string, number>()
  for await (const order of readAll(orders, marks)) {
    committed.set(order.id, order.seq)
    hub.announce(order)
  }
  return marks.filter(({ id, seq }) => (committed.get(id) ?? 0) < seq)
}

/**
 * How to look at what changed since the last look that succeeded, however long ago that was. What the majority does not have
 * yet is looked for again until it has it, or a failover has taken it back.
 */
function lookSince(beginning: Look, parts: NewsParts, { novelty, lose }: { novelty: Novelty; lose(): void }) {
  const { orders, clock } = parts
  let { since } = beginning
  return async function look(): Promise<void> {
    const own = lookNow(clock).since.getTime()
    let next = own
    const isWhole = await visitChanges(orders, { since, concern: 'local' }, async (marks) => {
      const uncommitted = await tellCommitted(parts, marks.filter(novelty.isNews))
      next = Math.min(next, ...uncommitted.map(({ storedAt }) => storedAt.getTime() - 1))
    })
    novelty.forget(since)
    since = new Date(isWhole ? next : own)
    // An event that was written late can lie anywhere in what was not looked at.
    if (!isWhole) lose()
  }
}

/**
 * Tells every event of every order from now on, each once and those of one order in order: of this process at once, of
 * others at a hint or at the next look. A look goes by index through what changed since the last one and within some seconds
 * before it; when that is more than it can go through, the reader is told that events are lost.
 * @returns how to stop it
 */
export async function followAll(parts: NewsParts, reader: NewsReader): Promise<() => Promise<void>> {
  const { hub, bus, orders, clock, log } = parts
  const beginning = lookNow(clock)
  const early: Order[] = []
  let listener = (order: Order): void => void early.push(order)
  const stopListening = hub.listenToAll((order) => listener(order))

  const { novelty, isWhole } = await startKnowing(parts, beginning).catch((error: unknown) => {
    stopListening()
    throw error
  })
  if (!isWhole) reader.lose()
  listener = (order) => novelty.take(order).forEach(reader.tell)
  early.forEach(listener)

  async function follow(id: string, seq: number): Promise<void> {
    if (!novelty.isNews({ id, seq, storedAt: clock.now() })) return
    const order = await orders.byId(id, COMMITTED)
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
