import { randomBytes } from 'node:crypto'
import { mongo, Schema } from 'mongoose'
import type { AnomalyKind } from '../domain/anomaly.ts'
import type { Order } from '../domain/order.ts'
import type { PaymentAttempt } from '../domain/payment-fact.ts'
import { findNumber, type NumberName, type TradeNumber, withNumber } from '../domain/trade-number.ts'
import { askingFields, type Asking } from './asking.ts'
import { LIST_INDEXES } from './listing.ts'
import type { CollectionPlan } from './prepare.ts'

/** What is derived from an order for its indexes, and written with every change of it. */
export interface OrderIndexing {
  /**
   * Numbers that a platform may name the order by, e.g. `trade:WECHATPAY:T20260101000001`, and the transactions that paid it,
   * e.g. `txn:WECHATPAY:4200…`; unique for the merchant. Absent rather than empty: a unique index takes two empty lists for
   * the same value.
   */
  readonly keys?: readonly string[]
  /**
   * What lists are filtered by, see listing.ts: `status:PAID`, `platform:WECHATPAY`, `anomaly:true` (any anomaly),
   * `openAnomaly:true` (one that is not resolved), `kind:DUPLICATE_PAYMENT` (each kind of its anomalies once).
   */
  readonly facets: readonly string[]
  readonly schemaVersion: number
}

/** What versions 1 and 2 stored with an attempt; each of its renewals replaced it. */
type StoredAttempt = PaymentAttempt & { readonly prepayId?: string; readonly prepayExpiresAt?: Date }

/** An order as it lies in the collection `orders`: the folded state, with its events in the same document. */
export type OrderRecord = Omit<Order, 'id' | 'numbers' | 'closing' | 'attempts'> &
  Asking &
  OrderIndexing & {
    readonly _id: string
    readonly attempts: readonly StoredAttempt[]
    /** Absent in a document of version 1 or 2. */
    readonly numbers?: readonly TradeNumber[]
    readonly closing?: Order['closing']
    /** Ids of anomalies whose line the log may lack. Absent, or empty, where it has them all, and in what an earlier version stored. */
    readonly unreported?: readonly string[]
    /** From when on any process may write these lines, by the clock that all processes share. */
    readonly reportDueAt?: Date
  }

/** Version 1 had neither keys nor facets, and no version; version 2 neither numbers, keys of transactions nor open anomalies. */
const SCHEMA_VERSION = 3

/** The key of a number under which a platform may know a payment of the order. */
export function tradeKey({ platform, platformTradeNo }: NumberName): string {
  return `trade:${platform}:${platformTradeNo}`
}

/** The key of a transaction that paid the order. */
export function transactionKey({
  platform,
  transactionId,
}: Pick<Order['transactions'][number], 'platform' | 'transactionId'>): string {
  return `txn:${platform}:${transactionId}`
}

/** Each kind once, in the order of its first anomaly: `ORDER_UPGRADE` compares lists with their order. */
function kindsOf(anomalies: Order['anomalies']): readonly AnomalyKind[] {
  return [...new Set(anomalies.map(({ kind }) => kind))]
}

/**
 * The keys of an order, sorted. A number whose payer is not known may never have been sent; it is found by the order's own number.
 */
export function keysOf({
  numbers,
  transactions,
}: Pick<Order, 'numbers' | 'transactions'>): readonly string[] {
  const sent = numbers.filter(({ payerId }) => payerId !== null)
  return [...sent.map(tradeKey), ...transactions.map(transactionKey)].sort()
}

/** The fields of `OrderIndexing`. `ORDER_UPGRADE` says the same in the database's language. */
export function indexingOf(order: Omit<Order, 'id'>): OrderIndexing {
  const { status, platform, anomalies } = order
  const keys = keysOf(order)
  return {
    ...(keys.length > 0 && { keys }),
    facets: [
      `status:${status}`,
      `anomaly:${anomalies.length > 0}`,
      `openAnomaly:${anomalies.some(({ resolvedAt }) => resolvedAt === null)}`,
      ...kindsOf(anomalies).map((kind) => `kind:${kind}`),
      ...(platform === null ? [] : [`platform:${platform}`]),
    ],
    schemaVersion: SCHEMA_VERSION,
  }
}

/** As `kindsOf` gives them. `$setUnion` would give them in an order that the database does not define. */
const KIND_FACETS = {
  $reduce: {
    input: {
      $map: { input: '$anomalies', as: 'anomaly', in: { $concat: ['kind:', '$$anomaly.kind'] } },
    },
    initialValue: [],
    in: {
      $cond: [{ $in: ['$$this', '$$value'] }, '$$value', { $concatArrays: ['$$value', ['$$this']] }],
    },
  },
}

/** The key of each of a list, in the database's language. */
function keysIn(input: unknown, prefix: string, field: string) {
  return {
    $map: { input, as: 'one', in: { $concat: [prefix, '$$one.platform', ':', `$$one.${field}`] } },
  }
}

const NUMBERS = {
  $filter: {
    input: { $ifNull: ['$numbers', []] },
    as: 'number',
    cond: { $ne: [{ $ifNull: ['$$number.payerId', null] }, null] },
  },
}

/** A process of an earlier version, beside this one, starts attempts without a number. */
const OTHER_ATTEMPTS = {
  $filter: {
    input: '$attempts',
    as: 'attempt',
    cond: { $not: { $in: ['$$attempt.platformTradeNo', { $ifNull: ['$numbers.platformTradeNo', []] }] } },
  },
}

const NUMBER_KEYS = {
  $concatArrays: [
    keysIn(NUMBERS, 'trade:', 'platformTradeNo'),
    keysIn(OTHER_ATTEMPTS, 'trade:', 'platformTradeNo'),
  ],
}

function sortedUnlessEmpty(keys: unknown) {
  return { $cond: [{ $eq: [keys, []] }, '$$REMOVE', { $sortArray: { input: keys, sortBy: 1 } }] }
}

const ORDER_UPGRADE = {
  keys: sortedUnlessEmpty({ $concatArrays: [NUMBER_KEYS, keysIn('$transactions', 'txn:', 'transactionId')] }),
  facets: {
    $concatArrays: [
      [
        { $concat: ['status:', '$status'] },
        { $cond: [{ $gt: [{ $size: '$anomalies' }, 0] }, 'anomaly:true', 'anomaly:false'] },
        { $cond: [{ $in: [null, '$anomalies.resolvedAt'] }, 'openAnomaly:true', 'openAnomaly:false'] },
      ],
      KIND_FACETS,
      {
        $cond: [
          { $eq: [{ $ifNull: ['$platform', null] }, null] },
          [],
          [{ $concat: ['platform:', '$platform'] }],
        ],
      },
    ],
  },
  schemaVersion: SCHEMA_VERSION,
}

const { Mixed } = Schema.Types

/** The schema of `OrderRecord`. Fields of a later version stay in a document that this version writes. */
export const orderSchema = new Schema<OrderRecord>(
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
    storedAt: { type: Date },
    expiresAt: { type: Date, required: true },
    paidAt: { type: Date, default: null },
    closedAt: { type: Date, default: null },
    numbers: { type: [Mixed], required: true },
    closing: { type: Mixed, default: null },
    rev: { type: String },
    unreported: { type: [String], default: undefined },
    reportDueAt: { type: Date },
    keys: { type: [String], default: undefined },
    facets: { type: [String], required: true },
    schemaVersion: { type: Number, required: true },
    ...askingFields,
  },
  { collection: 'orders', versionKey: false, minimize: false, autoIndex: false, autoCreate: false },
)

/** Answers a number with or without its merchant. */
export const NUMBER_INDEX = { outTradeNo: 1, merchantId: 1 } as const

/** A number at a platform is unique for one mchid, not for all of them, so the merchant is part of the key. */
export const KEY_INDEX = { merchantId: 1, keys: 1 } as const

/**
 * Only orders with a scheduled query are in it, so it stays small however many orders there are. By merchant first: the due
 * orders of one can be passed over without being read.
 */
export const DUE_INDEX = { merchantId: 1, nextCheckAt: 1 } as const

/** Only orders with an anomaly whose line the log may lack are in it, which is none at most times. */
export const UNREPORTED_INDEX = { reportDueAt: 1 } as const

/** What changed lately, with all that a look at it asks for. */
export const STORED_INDEX = { storedAt: -1, _id: 1, seq: 1 } as const

/** The collection `orders` with its indexes. */
export const ORDERS: CollectionPlan = {
  name: 'orders',
  indexes: [
    { key: NUMBER_INDEX, unique: true },
    // `$exists`, because the planner does not use a partial index by `$type` for an equality with a text.
    { key: KEY_INDEX, unique: true, partialFilterExpression: { keys: { $exists: true } } },
    ...LIST_INDEXES,
    { key: DUE_INDEX, partialFilterExpression: { nextCheckAt: { $type: 'date' } } },
    { key: STORED_INDEX },
    { key: UNREPORTED_INDEX, partialFilterExpression: { unreported: { $type: 'string' } } },
  ],
  obsoleteIndexes: [
    'merchantId_1_outTradeNo_1',
    'merchantId_1_attempts.platform_1_attempts.platformTradeNo_1',
    'nextCheckAt_1_merchantId_1',
    'updatedAt_-1__id_1_seq_1',
  ],
  upgrade: ORDER_UPGRADE,
  // A transaction that an earlier version believed for two orders.
  upgradeOfConflicting: { ...ORDER_UPGRADE, keys: sortedUnlessEmpty(NUMBER_KEYS) },
}

/** The newest handle of an attempt: renewed in place, or by an event of an earlier version. */
function newestPrepay(number: TradeNumber | undefined, attempt: StoredAttempt): TradeNumber['prepay'] {
  const { prepayId: id, prepayExpiresAt: expiresAt } = attempt
  const known = number?.prepay ?? null
  if (id === undefined || expiresAt === undefined) return known
  return known !== null && known.expiresAt >= expiresAt ? known : { id, expiresAt }
}

/** The number of an order without an attempt may have been sent by an earlier version, which then did not store it. */
function numbersOfEarlier({ status, outTradeNo, createdAt, attempts }: OrderRecord): readonly TradeNumber[] {
  if (attempts.length > 0 || status === 'PAID' || status === 'CLOSED') return []
  const number = { platform: 'WECHATPAY', platformTradeNo: outTradeNo, appId: null, payerId: null } as const
  return [{ ...number, createdAt, prepay: null, endedAt: null }]
}

function numbersOf(record: OrderRecord): readonly TradeNumber[] {
  return record.attempts.reduce(
    (numbers, attempt) => {
      const { platform, platformTradeNo, appId, payerId, createdAt } = attempt
      const known = findNumber(numbers, attempt)
      const number = known ?? { platform, platformTradeNo, appId, payerId, createdAt, endedAt: null }
      return withNumber(numbers, { ...number, prepay: newestPrepay(known, attempt) })
    },
    record.numbers ?? numbersOfEarlier(record),
  )
}

/** The one place where a document of whatever version becomes an order. */
export function toOrder(record: OrderRecord | null): Order | undefined {
  if (record === null) return undefined
  const { _id, nextCheckAt: _1, checkRung: _2, askedAt: _3, askedUntil: _4, ...stored } = record
  const { keys: _5, facets: _6, schemaVersion: _7, closing = null, ...rest } = stored
  const { unreported: _8, reportDueAt: _9, ...state } = rest
  // The handle is the number's from now on: what is forgotten there must not come back from here.
  const attempts = record.attempts.map(({ prepayId: _10, prepayExpiresAt: _11, ...attempt }) => attempt)
  return { ...state, attempts, closing, numbers: numbersOf(record), id: _id }
}

const HEX_SECONDS_LENGTH = 8

/** A new id. It begins with the second of the order's creation, so that lists by id are lists by time. */
export function newOrderId(createdAt: Date): string {
  const seconds = Math.floor(createdAt.getTime() / 1000)
  return `ord_${new mongo.ObjectId(mongo.ObjectId.generate(seconds)).toHexString()}`
}

/** What sorts before the id of every order that was created in this second or later, and after all earlier ones. */
export function idAt(second: number): string {
  const hex = Math.max(0, Math.min(second, 0xffff_ffff)).toString(16)
  return `ord_${hex.padStart(HEX_SECONDS_LENGTH, '0')}`
}

/** Never the same twice, so that a write which was undone and made again by another process is told apart from the first. */
export function newRev(): string {
  return randomBytes(9).toString('base64url')
}
