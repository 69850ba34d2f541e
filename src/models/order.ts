import type { Connection, Model, QueryFilter } from 'mongoose'
import type { AnomalyKind } from '../domain/anomaly.ts'
import type { Check } from '../domain/check-schedule.ts'
import type { Order, OrderStatus } from '../domain/order.ts'
import type { Platform } from '../domain/payment-fact.ts'
import { askingFrom, askingUpdate, questionDesk, type QuestionDesk } from './asking.ts'
import { isDuplicateKey } from './duplicate-key.ts'
import { COMMITTED, type ReadConcern } from './read-concern.ts'
import { countNewest, listNewest, type Listed, type ListFilter } from './listing.ts'
import {
  DUE_INDEX,
  idAt,
  indexingOf,
  keysOf,
  KEY_INDEX,
  NUMBER_INDEX,
  orderSchema,
  STORED_INDEX,
  toOrder,
  tradeKey,
  transactionKey,
  type OrderRecord,
} from './order-record.ts'
import { recallOf, type Recall } from './recall.ts'
import { reportDesk, unreportedUpdate, type ReportDesk } from './unreported.ts'

/** Which orders a list shows. Absent fields do not narrow it. */
export interface OrderSelection {
  readonly merchantId?: string | undefined
  readonly status?: readonly OrderStatus[] | undefined
  readonly platform?: Platform | undefined
  readonly createdFrom?: Date | undefined
  readonly createdTo?: Date | undefined
  readonly hasAnomaly?: boolean | undefined
  /** An anomaly that is not resolved. */
  readonly hasOpenAnomaly?: boolean | undefined
  /** An anomaly of one of these kinds, resolved or not. */
  readonly anomalyKind?: readonly AnomalyKind[] | undefined
}

/** One group for what is asked to be one of these; none when nothing is asked. */
function anyOf(name: string, values: readonly string[] | undefined): ListFilter['facets'] {
  return values === undefined ? [] : [[...new Set(values)].map((value) => `${name}:${value}`)]
}

/** The group for a property that is asked to be so, and no other. */
function onlyIf(wanted: boolean, name: string, asked: boolean | undefined): ListFilter['facets'] {
  return asked === wanted ? [[`${name}:${wanted}`]] : []
}

/**
 * The rarest first: few orders have an anomaly that is open, few more have had one, and nearly all have none. What another
 * group implies is left out, so that an index answers the filter as a whole.
 */
function facetsOf(selection: OrderSelection): ListFilter['facets'] {
  const { status, platform, hasAnomaly, hasOpenAnomaly, anomalyKind } = selection
  const isImplied = hasOpenAnomaly === true || anomalyKind !== undefined
  return [
    ...onlyIf(true, 'openAnomaly', hasOpenAnomaly),
    ...anyOf('kind', anomalyKind),
    ...(isImplied ? [] : onlyIf(true, 'anomaly', hasAnomaly)),
    ...anyOf('status', status),
    ...anyOf('platform', platform && [platform]),
    ...onlyIf(false, 'anomaly', hasAnomaly),
    ...(hasAnomaly === false ? [] : onlyIf(false, 'openAnomaly', hasOpenAnomaly)),
  ]
}

/** An id was made in the second of the creation, or in the next one by the version before. */
const ID_LATENESS_SECONDS = 1

function secondOf(moment: Date): number {
  return Math.floor(moment.getTime() / 1000)
}

function createdBetween({ createdFrom, createdTo }: OrderSelection): Partial<ListFilter> {
  if (createdFrom === undefined && createdTo === undefined) return {}
  return {
    ...(createdFrom && { idFrom: idAt(secondOf(createdFrom)) }),
    ...(createdTo && { idBefore: idAt(secondOf(createdTo) + 1 + ID_LATENESS_SECONDS) }),
    exact: { createdAt: { ...(createdFrom && { $gte: createdFrom }), ...(createdTo && { $lt: createdTo }) } },
  }
}

function toFilter(selection: OrderSelection): ListFilter {
  return {
    merchantId: selection.merchantId,
    facets: facetsOf(selection),
    ...createdBetween(selection),
  }
}

/** The same list behind an order. */
function behind(filter: ListFilter, after: string | undefined): ListFilter {
  if (after === undefined) return filter
  const { idBefore = after } = filter
  return { ...filter, idBefore: idBefore < after ? idBefore : after }
}

/** How far an order has come. */
export type OrderMark = Pick<Order, 'id' | 'seq'> & { readonly storedAt: Date }

/** An order that waits for a question. */
export interface DueOrder {
  readonly order: Order
  readonly dueAt: Date
  readonly rung: number
}

/**
 * What came of a write. `raced`: the order is not as it was known any more. `key-taken`: another order of the merchant has one
 * of its new numbers or transactions.
 */
export type Appended = 'written' | 'raced' | 'key-taken'

/**
 * The orders of one database. Every write waits until the majority has it in its journal, but those of `QuestionDesk` and
 * `ReportDesk`.
 */
export interface OrderStore extends QuestionDesk, Recall, ReportDesk {
  /** Stores a new order; false when the merchant has one with this number already. */
  insert(order: Order, check: Check | null | undefined): Promise<boolean>
  /**
   * Replaces an order as it was known by what was made of it, which must have a `rev` of its own. The same write notes its new
   * anomalies as unreported.
   */
  append(known: Order, next: Order, check: Check | null | undefined): Promise<Appended>
  /** Orders of these merchants about which the platform is to be asked by now, the most overdue first. */
  due(
    now: Date,
    choice: { readonly limit: number; readonly merchants: readonly string[] },
  ): Promise<readonly DueOrder[]>
  /** Moves a due order on to its next question, null being none; false when somebody else did, and will ask. */
  claim(due: DueOrder, next: Check | null): Promise<boolean>
  /** `local` unless told otherwise; whatever else is not for a write that follows is read as the majority has it. */
  byId(id: string, concern?: ReadConcern): Promise<Order | undefined>
  /** The newest seq of each of these orders, in one query by index. */
  seqs(ids: readonly string[]): Promise<ReadonlyMap<string, number>>
  /**
   * The newest changes that were stored after a moment of the shared clock, and at `until` or before it when it is given, in
   * one query that reads nothing but an index. `local` unless told otherwise.
   */
  changedSince(
    moment: Date,
    page: {
      readonly limit: number
      readonly until?: Date | undefined
      readonly concern?: ReadConcern | undefined
    },
  ): Promise<readonly OrderMark[]>
  byIds(ids: readonly string[]): Promise<readonly Order[]>
  /** As `byId`. */
  byOutTradeNo(merchantId: string, outTradeNo: string, concern?: ReadConcern): Promise<Order | undefined>
  /** Orders of any merchant with this number, two at most: enough to know whether it is ambiguous. */
  withOutTradeNo(outTradeNo: string): Promise<readonly Order[]>
  /** The order that a platform means: by one of its attempts, else by its own number (a payment being started). */
  byPlatformTradeNo(merchantId: string, platform: Platform, tradeNo: string): Promise<Order | undefined>
  /** The order that this transaction has paid. */
  byTransaction(merchantId: string, platform: Platform, transactionId: string): Promise<Order | undefined>
  /** Newest first; `after` is the id of the last order of the page before. See `Listed`. */
  list(
    selection: OrderSelection,
    page: { readonly first: number; readonly after?: string | undefined },
  ): Promise<Listed<Order>>
  /** How many there are, up to `MAX_COUNTED`. */
  count(selection: OrderSelection): Promise<number>
}

/** With more bounds than this the server would sort what it finds, instead of merging what the index has in order. */
const MERCHANTS_A_QUERY = 100

type Schedule = Pick<OrderStore, 'due' | 'claim'>

function schedule(model: Model<OrderRecord>): Schedule {
  async function dueOf(now: Date, merchants: readonly string[], limit: number): Promise<readonly DueOrder[]> {
    const records = await model
      // The type must be named as the index names it: the database does not conclude it from the date compared with.
      .find({ merchantId: { $in: [...merchants] }, nextCheckAt: { $lte: now, $type: 'date' } })
      .sort({ nextCheckAt: 1 })
      .limit(limit)
      .hint(DUE_INDEX)
      .lean<OrderRecord[]>()
    return records.flatMap((record) => {
      const order = toOrder(record)
      const { nextCheckAt: dueAt, checkRung: rung } = record
      return order === undefined || dueAt === null ? [] : [{ order, dueAt, rung }]
    })
  }
  return {
    async due(now, { limit, merchants }) {
      const found: DueOrder[] = []
      for (let start = 0; start < merchants.length; start += MERCHANTS_A_QUERY)
        found.push(...(await dueOf(now, merchants.slice(start, start + MERCHANTS_A_QUERY), limit)))
      return found.sort((one, other) => one.dueAt.getTime() - other.dueAt.getTime()).slice(0, limit)
    },
    async claim({ order, dueAt, rung }, next) {
      const result = await model.updateOne(
        { _id: order.id, nextCheckAt: dueAt, checkRung: rung },
        { $set: askingFrom(next) },
      )
      return result.modifiedCount === 1
    },
  }
}

type Lookups = Pick<
  OrderStore,
  'byId' | 'byIds' | 'seqs' | 'byOutTradeNo' | 'withOutTradeNo' | 'byPlatformTradeNo' | 'byTransaction'
>

/** Each names its index: an unsuitable one is never tried out, however the data looks. */
function lookups(model: Model<OrderRecord>): Lookups {
  // The level is always named, so that a MONGODB_URI cannot choose another one.
  async function one(
    filter: QueryFilter<OrderRecord>,
    hint: Record<string, 1>,
    concern: ReadConcern = 'local',
  ): Promise<Order | undefined> {
    const found = model.findOne(filter).hint(hint).readConcern(concern)
    return toOrder(await found.lean<OrderRecord | null>())
  }
  const byOutTradeNo: OrderStore['byOutTradeNo'] = (merchantId, outTradeNo, concern) =>
    one({ merchantId, outTradeNo }, NUMBER_INDEX, concern)
  return {
    async byId(id, concern = 'local') {
      return toOrder(await model.findById(id).readConcern(concern).lean<OrderRecord | null>())
    },
    async byIds(ids) {
      const found = model.find({ _id: { $in: [...ids] } }).readConcern(COMMITTED)
      const records = await found.lean<OrderRecord[]>()
      return records.flatMap((record) => toOrder(record) ?? [])
    },
    async seqs(ids) {
      const records = await model
        .find({ _id: { $in: [...ids] } }, { seq: 1 })
        .readConcern(COMMITTED)
        .lean<{ readonly _id: string; readonly seq: number }[]>()
      return new Map(records.map(({ _id, seq }) => [_id, seq]))
    },
    byOutTradeNo,
    async withOutTradeNo(outTradeNo) {
      const found = model.find({ outTradeNo }).limit(2).hint(NUMBER_INDEX).readConcern(COMMITTED)
      const records = await found.lean<OrderRecord[]>()
      return records.flatMap((record) => toOrder(record) ?? [])
    },
    async byPlatformTradeNo(merchantId, platform, platformTradeNo) {
      const byAttempt = { merchantId, keys: tradeKey({ platform, platformTradeNo }) }
      return (await one(byAttempt, KEY_INDEX)) ?? byOutTradeNo(merchantId, platformTradeNo)
    },
    byTransaction: (merchantId, platform, transactionId) =>
      one({ merchantId, keys: transactionKey({ platform, transactionId }) }, KEY_INDEX),
  }
}

type Lists = Pick<OrderStore, 'list' | 'count' | 'changedSince'>

function lists(model: Model<OrderRecord>): Lists {
  return {
    async list(selection, { first, after }) {
      const { rows, ...rest } = await listNewest(model, behind(toFilter(selection), after), first)
      return { rows: rows.flatMap((record) => toOrder(record) ?? []), ...rest }
    },
    count: (selection) => countNewest(model, toFilter(selection)),
    async changedSince(moment, { limit, until, concern = 'local' }) {
      const storedAt = { $gt: moment, ...(until && { $lte: until }) }
      const records = await model
        .find({ storedAt }, { seq: 1, storedAt: 1 })
        .sort({ storedAt: -1 })
        .limit(limit)
        .hint(STORED_INDEX)
        .readConcern(concern)
        .lean<(Omit<OrderMark, 'id'> & { readonly _id: string })[]>()
      return records.map(({ _id: id, seq, storedAt }) => ({ id, seq, storedAt }))
    },
  }
}

/** What a write adds to the lists of a stored order, and what it takes from them. */
function listsUpdate(known: Order, next: Order) {
  const events = { $each: next.events.slice(known.events.length) }
  const [before, after] = [keysOf(known), keysOf(next)]
  const added = after.filter((key) => !before.includes(key))
  const removed = before.filter((key) => !after.includes(key))
  // Only what is new: a key that is not stored because another order has it is not tried again with every write.
  if (removed.length === 0)
    return { $push: { events, ...(added.length > 0 && { keys: { $each: added, $sort: 1 as const } }) } }
  if (added.length > 0) throw new Error(`Order ${next.outTradeNo} cannot lose and get numbers in one write.`)
  // An empty list would be in the unique index.
  const rest = after.length === 0 ? { $unset: { keys: 1 } } : { $pull: { keys: { $in: removed } } }
  return { $push: { events }, ...rest }
}

/** Registers the collection `orders` on a connection. */
export function orderStore(connection: Connection): OrderStore {
  const model = connection.model<OrderRecord>('Order', orderSchema)
  return {
    async insert(order, check) {
      const { id, ...state } = order
      try {
        await model.create({ ...state, ...indexingOf(order), ...askingFrom(check), _id: id })
        return true
      } catch (error) {
        if (isDuplicateKey(error)) return false
        throw error
      }
    },
    async append(known, next, check) {
      const { id, events: _events, ...state } = next
      const { keys: _keys, ...indexing } = indexingOf(next)
      const { $set, ...asking } = askingUpdate(check)
      const { $set: $setReport, ...reports } = unreportedUpdate(known, next)
      const change = {
        $set: { ...state, ...indexing, ...$set, ...$setReport },
        ...asking,
        ...reports,
        ...listsUpdate(known, next),
      }
      try {
        const result = await model.updateOne({ _id: id, seq: known.seq, rev: known.rev ?? null }, change)
        return result.modifiedCount === 1 ? 'written' : 'raced'
      } catch (error) {
        if (isDuplicateKey(error)) return 'key-taken'
        throw error
      }
    },
    ...lookups(model),
    ...lists(model),
    ...schedule(model),
    ...recallOf(model),
    ...questionDesk(model),
    ...reportDesk(model),
  }
}
