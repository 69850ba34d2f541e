import { Schema } from 'mongoose'
import { explanationField } from './explanation.ts'
import { LIST_INDEXES } from './listing.ts'
import type { StoredNotification, Trouble } from './notification.ts'
import type { CollectionPlan } from './prepare.ts'

/** What is derived from a row for its indexes, and written with every change of it. */
interface NotificationIndexing {
  /**
   * What entries are looked up by: `outcome:APPLIED`, `verdict:VERIFIED`, `waiting:VERIFIED`, `unmatched:<number>`,
   * `ignored:<reader version>`, `unreported:UNMATCHED`.
   */
  readonly facets: readonly string[]
  readonly schemaVersion: number
}

/**
 * What distinguishes an entry from others under the same id of a notification: a hash of what the notification says. Absent in what
 * a version before 3 stored, which had one entry for each id.
 */
interface Keyed {
  readonly key?: string
}

/** A row as it lies in the collection `notifications`. */
export type NotificationRecord = Omit<StoredNotification, 'id'> &
  NotificationIndexing &
  Keyed & {
    readonly _id: string
    /** From when on any process may write the line about its trouble, by the clock that all share; absent while none has taken it. */
    readonly reportDueAt?: Date
  }

/** Version 1 had no facets, and no version. Version 2 had neither keys nor the reader's version. */
const SCHEMA_VERSION = 3

/** The facet of rows of this verdict that were stored and not applied. */
export function waitingFacet(verdict: StoredNotification['verdict']): string {
  return `waiting:${verdict}`
}

/** The facet of rows that wait for an order with this number. */
export function unmatchedFacet(platformTradeNo: string): string {
  return `unmatched:${platformTradeNo}`
}

/** The facet of entries that this version of the reader ignored. */
export function ignoredFacet(readerVersion: number): string {
  return `ignored:${readerVersion}`
}

/** The facet of entries whose trouble has no line in the log yet. */
export function unreportedFacet(trouble: Trouble): string {
  return `unreported:${trouble}`
}

/** What keeps an entry from having its effect, where an operator has to act; undefined when nothing does. */
export function troubleOf({
  verdict,
  outcome,
}: Pick<StoredNotification, 'verdict' | 'outcome'>): Trouble | undefined {
  if (outcome === 'UNMATCHED') return outcome
  return outcome === 'PENDING' && verdict !== 'VERIFIED' ? verdict : undefined
}

/** What the fields of `NotificationIndexing` are derived from. */
export type Indexed = Pick<
  StoredNotification,
  'verdict' | 'outcome' | 'platformTradeNo' | 'readerVersion' | 'reported'
>

/** The fields of `NotificationIndexing`. `NOTIFICATION_UPGRADE` says the same in the database's language. */
export function indexingOf(row: Indexed): NotificationIndexing {
  const { verdict, outcome, platformTradeNo, readerVersion, reported } = row
  const trouble = troubleOf(row)
  return {
    facets: [
      `outcome:${outcome}`,
      `verdict:${verdict}`,
      ...(outcome === 'PENDING' ? [waitingFacet(verdict)] : []),
      ...(outcome === 'UNMATCHED' && platformTradeNo !== null ? [unmatchedFacet(platformTradeNo)] : []),
      ...(outcome === 'IGNORED' ? [ignoredFacet(readerVersion)] : []),
      ...(trouble !== undefined && !reported.includes(trouble) ? [unreportedFacet(trouble)] : []),
    ],
    schemaVersion: SCHEMA_VERSION,
  }
}

/** An expression that is a list of one text under a condition, else the empty list. */
function facetIf(condition: object, ...parts: readonly unknown[]): object {
  return { $cond: [condition, [{ $concat: parts }], []] }
}

const IS_UNMATCHED = {
  $and: [{ $eq: ['$outcome', 'UNMATCHED'] }, { $ne: [{ $ifNull: ['$platformTradeNo', null] }, null] }],
}

/** See `troubleOf`; null when there is none. */
const TROUBLE = {
  $cond: [
    { $eq: ['$outcome', 'UNMATCHED'] },
    '$outcome',
    {
      $cond: [
        { $and: [{ $eq: ['$outcome', 'PENDING'] }, { $ne: ['$verdict', 'VERIFIED'] }] },
        '$verdict',
        null,
      ],
    },
  ],
}

const IS_UNREPORTED = {
  $not: { $in: [TROUBLE, { $concatArrays: [[null], { $ifNull: ['$reported', []] }] }] },
}

const NOTIFICATION_UPGRADE = {
  facets: {
    $concatArrays: [
      [{ $concat: ['outcome:', '$outcome'] }, { $concat: ['verdict:', '$verdict'] }],
      facetIf({ $eq: ['$outcome', 'PENDING'] }, 'waiting:', '$verdict'),
      facetIf(IS_UNMATCHED, 'unmatched:', '$platformTradeNo'),
      facetIf({ $eq: ['$outcome', 'IGNORED'] }, 'ignored:', {
        $toString: { $ifNull: ['$readerVersion', 0] },
      }),
      facetIf(IS_UNREPORTED, 'unreported:', TROUBLE),
    ],
  },
  schemaVersion: SCHEMA_VERSION,
}

/** The schema of `NotificationRecord`. Fields of a later version stay in a document that this version writes. */
export const notificationSchema = new Schema<NotificationRecord>(
  {
    _id: { type: String, required: true },
    platform: { type: String, required: true },
    merchantId: { type: String, required: true },
    platformNotificationId: { type: String, default: null },
    eventType: { type: String, default: null },
    verdict: { type: String, required: true },
    outcome: { type: String, required: true },
    readerVersion: { type: Number, required: true },
    reported: { type: [String], required: true },
    reportDueAt: { type: Date },
    explanation: explanationField,
    platformTradeNo: { type: String, default: null },
    orderId: { type: String, default: null },
    attempts: { type: Number, required: true },
    firstReceivedAt: { type: Date, required: true },
    lastReceivedAt: { type: Date, required: true },
    rawHeaders: { type: [[String]], required: true },
    rawBody: { type: Buffer, required: true },
    key: { type: String },
    facets: { type: [String], required: true },
    schemaVersion: { type: Number, required: true },
  },
  { collection: 'notifications', versionKey: false, autoIndex: false, autoCreate: false },
)

/**
 * Finds the entry of an earlier delivery. With the merchant, so that another one's notification cannot take its place. Entries
 * without a key are in it, too, one for each id.
 */
const DELIVERY_INDEX = { platform: 1, merchantId: 1, platformNotificationId: 1, key: 1 } as const

/** Finds the rows of an order. */
const ORDER_INDEX = { orderId: 1, _id: -1 } as const

/** The collection `notifications` with its indexes. */
export const NOTIFICATIONS: CollectionPlan = {
  name: 'notifications',
  indexes: [{ key: DELIVERY_INDEX, unique: true }, ...LIST_INDEXES, { key: ORDER_INDEX }],
  // It took a second payment under the id of another one for the same notification.
  blockingIndexes: ['platform_1_merchantId_1_platformNotificationId_1'],
  obsoleteIndexes: ['outcome_1_lastReceivedAt_1', 'merchantId_1_platformTradeNo_1', 'orderId_1'],
  upgrade: NOTIFICATION_UPGRADE,
}
