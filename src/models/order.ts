import { Schema, type Connection, type Model, type QueryFilter } from 'mongoose'
import type { Check } from '../domain/check-schedule.ts'
import type { Order, OrderStatus } from '../domain/order.ts'
import type { Platform } from '../domain/payment-fact.ts'
import { askingFields, askingFrom, questionDesk, type Asking, type QuestionDesk } from './asking.ts'
import { isDuplicateKey } from './duplicate-key.ts'

/** An order as it lies in the collection `orders`: the folded state, with its events in the same document. */
type OrderRecord = Omit<Order, 'id'> & Asking & { readonly _id: string }

const { Mixed } = Schema.Types

/** What the database looks up the due orders in. */
const DUE_INDEX = { nextCheckAt: 1, merchantId: 1 } as const

const orderSchema = new Schema<OrderRecord>(
  {
    _id: { type: String, required: true },
    merchantId: { type: String, required: true },
    outTradeNo: { type: String, required: true },
    description: { type: String, required: true },
    amount: { type: { total: Number, currency: String }, _id: false, required: true },
    status: { type: String, required: true },
    closeReason: { type: String, default: null },
    platform: { type: String, default: null },
    platformState: { type: String, default: null },
    transactionId: { type: String, default: null },
    payerTotal: { type: Number, default: null },
    refundState: { type: String, required: true },
    amountRefunded: { type: Number, required: true },
    // The shapes below are the domain's own unions; the database keeps them as they are.
    attempts: { type: [Mixed], required: true },
    transactions: { type: [Mixed], required: true },
    anomalies: { type: [Mixed], required: true },
    metadata: { type: String, default: null },
    seq: { type: Number, required: true },
    events: { type: [Mixed], required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    paidAt: { type: Date, default: null },
    closedAt: { type: Date, default: null },
    ...askingFields,
  },
  { collection: 'orders', versionKey: false, minimize: false, autoIndex: false },
)

orderSchema.index({ merchantId: 1, outTradeNo: 1 }, { unique: true })
// A number at a platform is unique for one mchid, not for all of them, so the merchant is part of the key.
orderSchema.index(
  { merchantId: 1, 'attempts.platform': 1, 'attempts.platformTradeNo': 1 },
  { unique: true, partialFilterExpression: { 'attempts.platformTradeNo': { $exists: true } } },
)
orderSchema.index({ merchantId: 1, _id: -1 })
// Only orders that wait for a question are in it, so it stays small however many orders there are; with the merchant, so
// that the orders of those who are left out are not fetched.
orderSchema.index(DUE_INDEX, { partialFilterExpression: { nextCheckAt: { $type: 'date' } } })
// What changed lately, with all that a look at it asks for.
orderSchema.index({ updatedAt: -1, _id: 1, seq: 1 })

function toOrder(record: OrderRecord | null): Order | undefined {
  if (record === null) return undefined
  const { _id, nextCheckAt: _1, checkRung: _2, askedAt: _3, askedUntil: _4, ...state } = record
  return { ...state, id: _id }
}

/** Which orders a list shows. Absent fields do not narrow it. */
export interface OrderSelection {
  readonly merchantId?: string | undefined
  readonly status?: readonly OrderStatus[] | undefined
  readonly platform?: Platform | undefined
  readonly createdFrom?: Date | undefined
  readonly createdTo?: Date | undefined
  readonly hasAnomaly?: boolean | undefined
}

function toFilter(selection: OrderSelection): QueryFilter<OrderRecord> {
  const { merchantId, status, platform, createdFrom, createdTo, hasAnomaly } = selection
  return {
    ...(merchantId !== undefined && { merchantId }),
    ...(status !== undefined && { status: { $in: [...status] } }),
    ...(platform !== undefined && { platform }),
    ...((createdFrom ?? createdTo) && {
      createdAt: { ...(createdFrom && { $gte: createdFrom }), ...(createdTo && { $lt: createdTo }) },
    }),
    ...(hasAnomaly !== undefined && { 'anomalies.0': { $exists: hasAnomaly } }),
  }
}

/** How far an order has come. */
export type OrderMark = Pick<Order, 'id' | 'seq' | 'updatedAt'>

/** An order that waits for a question. */
export interface DueOrder {
  readonly order: Order
  readonly dueAt: Date
  readonly rung: number
}

/** The orders of one database. Every write waits until the majority has it in its journal, but those of `QuestionDesk`. */
export interface OrderStore extends QuestionDesk {
  /** Stores a new order; false when the merchant has one with this number already. */
  insert(order: Order, check: Check | null | undefined): Promise<boolean>
  /** Replaces the order as it was known by what its new events made of it; false when somebody else was faster. */
  append(known: Order, next: Order, check: Check | null | undefined): Promise<boolean>
  /** Orders about which the platform is to be asked by now, the most overdue first; not those of some merchants. */
  due(
    now: Date,
    choice: { readonly limit: number; readonly except?: readonly string[] },
  ): Promise<readonly DueOrder[]>
  /** Moves a due order on to its next question, null being none; false when somebody else did, and will ask. */
  claim(due: DueOrder, next: Check | null): Promise<boolean>
  byId(id: string): Promise<Order | undefined>
  /** The newest seq of each of these orders, in one query by index. */
  seqs(ids: readonly string[]): Promise<ReadonlyMap<string, number>>
  /** The newest changes that were recorded after a moment, in one query that reads nothing but an index. */
  changedSince(moment: Date, limit: number): Promise<readonly OrderMark[]>
  byIds(ids: readonly string[]): Promise<readonly Order[]>
  byOutTradeNo(merchantId: string | undefined, outTradeNo: string): Promise<Order | undefined>
  /** The order that a platform means: by one of its attempts, else by its own number (a payment being started). */
  byPlatformTradeNo(merchantId: string, platform: Platform, tradeNo: string): Promise<Order | undefined>
  /** Newest first; `after` is the id of the last order of the page before. */
  list(
    selection: OrderSelection,
    page: { readonly first: number; readonly after?: string | undefined },
  ): Promise<readonly Order[]>
  count(selection: OrderSelection): Promise<number>
}

type Schedule = Pick<OrderStore, 'due' | 'claim'>

function schedule(model: Model<OrderRecord>): Schedule {
  return {
    async due(now, { limit, except = [] }) {
      // The type must be named as the index names it: the database does not conclude it from the date compared with. And
      // the index must be named, or an index by merchant is preferred for its own sake, with all orders of the others.
      const records = await model
        .find({
          nextCheckAt: { $lte: now, $type: 'date' },
          ...(except.length > 0 && { merchantId: { $nin: [...except] } }),
        })
        .sort({ nextCheckAt: 1 })
        .limit(limit)
        .hint(DUE_INDEX)
        .lean<OrderRecord[]>()
      return records.flatMap((record) => {
        const order = toOrder(record)
        const { nextCheckAt: dueAt, checkRung: rung } = record
        return order === undefined || dueAt === null ? [] : [{ order, dueAt, rung }]
      })
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

/** Registers the collection `orders` on a connection. */
export function orderStore(connection: Connection): OrderStore {
  const model = connection.model<OrderRecord>('Order', orderSchema)
  const one = async (filter: QueryFilter<OrderRecord>): Promise<Order | undefined> =>
    toOrder(await model.findOne(filter).sort({ _id: -1 }).lean<OrderRecord | null>())

  return {
    async insert({ id, ...state }, check) {
      try {
        await model.create({ ...state, ...askingFrom(check), _id: id })
        return true
      } catch (error) {
        if (isDuplicateKey(error)) return false
        throw error
      }
    },
    async append(known, next, check) {
      const { id, events, ...state } = next
      const result = await model.updateOne(
        { _id: id, seq: known.seq },
        {
          $set: { ...state, ...askingFrom(check) },
          $push: { events: { $each: events.slice(known.events.length) } },
        },
      )
      return result.modifiedCount === 1
    },
    byId: (id) => one({ _id: id }),
    async seqs(ids) {
      const records = await model
        .find({ _id: { $in: [...ids] } }, { seq: 1 })
        .lean<{ readonly _id: string; readonly seq: number }[]>()
      return new Map(records.map(({ _id, seq }) => [_id, seq]))
    },
    async changedSince(moment, limit) {
      const records = await model
        .find({ updatedAt: { $gt: moment } }, { seq: 1, updatedAt: 1 })
        .sort({ updatedAt: -1 })
        .limit(limit)
        .lean<Pick<OrderRecord, '_id' | 'seq' | 'updatedAt'>[]>()
      return records.map(({ _id: id, seq, updatedAt }) => ({ id, seq, updatedAt }))
    },
    async byIds(ids) {
      const records = await model.find({ _id: { $in: [...ids] } }).lean<OrderRecord[]>()
      return records.flatMap((record) => toOrder(record) ?? [])
    },
    byOutTradeNo: (merchantId, outTradeNo) =>
      one(merchantId === undefined ? { outTradeNo } : { merchantId, outTradeNo }),
    async byPlatformTradeNo(merchantId, platform, tradeNo) {
      const byAttempt = { merchantId, 'attempts.platform': platform, 'attempts.platformTradeNo': tradeNo }
      return (await one(byAttempt)) ?? (await one({ merchantId, outTradeNo: tradeNo }))
    },
    async list(selection, { first, after }) {
      const filter = { ...toFilter(selection), ...(after !== undefined && { _id: { $lt: after } }) }
      const records = await model.find(filter).sort({ _id: -1 }).limit(first).lean<OrderRecord[]>()
      return records.flatMap((record) => toOrder(record) ?? [])
    },
    ...schedule(model),
    ...questionDesk(model),
    // A query runs again with every `then`, so it must not leave here; the answer of `exec` is a promise.
    count: (selection) => model.countDocuments(toFilter(selection)).exec(),
  }
}
