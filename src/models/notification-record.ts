import { Schema } from 'mongoose'
import { explanationField } from './explanation.ts'
import { LIST_INDEXES } from './listing.ts'
import type { StoredNotification } from './notification.ts'
import type { CollectionPlan } from './prepare.ts'

/** What is derived from a row for its indexes, and written with every change of it. */
interface NotificationIndexing {
  /** What rows are looked up by: `outcome:APPLIED`, `verdict:VERIFIED`, `waiting:VERIFIED`, `unmatched:<number>`. */
  readonly facets: readonly string[]
  readonly schemaVersion: number
}

/** A row as it lies in the collection `notifications`. */
export type NotificationRecord = Omit<StoredNotification, 'id'> &
  NotificationIndexing & { readonly _id: string }

/** Version 1 had no facets, and no version. */
const SCHEMA_VERSION = 2

/** The facet of rows of this verdict that were stored and not applied. */
export function waitingFacet(verdict: StoredNotification['verdict']): string {
  return `waiting:${verdict}`
}

/** The facet of rows that wait for an order with this number. */
export function unmatchedFacet(platformTradeNo: string): string {
  return `unmatched:${platformTradeNo}`
}

/** The fields of `NotificationIndexing`. `NOTIFICATION_UPGRADE` says the same in the database's language. */
export function indexingOf({
  verdict,
  outcome,
  platformTradeNo,
}: Pick<StoredNotification, 'verdict' | 'outcome' | 'platformTradeNo'>): NotificationIndexing {
  return {
    facets: [
      `outcome:${outcome}`,
      `verdict:${verdict}`,
      ...(outcome === 'PENDING' ? [waitingFacet(verdict)] : []),
      ...(outcome === 'UNMATCHED' && platformTradeNo !== null ? [unmatchedFacet(platformTradeNo)] : []),
    ],
    schemaVersion: SCHEMA_VERSION,
  }
}

const NOTIFICATION_UPGRADE = {
  facets: {
    $concatArrays: [
      [{ $concat: ['outcome:', '$outcome'] }, { $concat: ['verdict:', '$verdict'] }],
      { $cond: [{ $eq: ['$outcome', 'PENDING'] }, [{ $concat: ['waiting:', '$verdict'] }], []] },
      {
        $cond: [
          {
            $and: [
              { $eq: ['$outcome', 'UNMATCHED'] },
              { $ne: [{ $ifNull: ['$platformTradeNo', null] }, null] },
            ],
          },
          [{ $concat: ['unmatched:', '$platformTradeNo'] }],
          [],
        ],
      },
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
    platformNotificationId: { type: String, required: true },
    eventType: { type: String, required: true },
    verdict: { type: String, required: true },
    outcome: { type: String, required: true },
    explanation: explanationField,
    platformTradeNo: { type: String, default: null },
    orderId: { type: String, default: null },
    attempts: { type: Number, required: true },
    firstReceivedAt: { type: Date, required: true },
    lastReceivedAt: { type: Date, required: true },
    rawHeaders: { type: [[String]], required: true },
    rawBody: { type: Buffer, required: true },
    facets: { type: [String], required: true },
    schemaVersion: { type: Number, required: true },
  },
  { collection: 'notifications', versionKey: false, autoIndex: false, autoCreate: false },
)

/** Finds the row of an earlier delivery. With the merchant, so that nobody else's callback can take its place. */
export const DELIVERY_INDEX = { platform: 1, merchantId: 1, platformNotificationId: 1 } as const

/** Finds the rows of an order. */
export const ORDER_INDEX = { orderId: 1, _id: -1 } as const

/** The collection `notifications` with its indexes. */
export const NOTIFICATIONS: CollectionPlan = {
  name: 'notifications',
  indexes: [{ key: DELIVERY_INDEX, unique: true }, ...LIST_INDEXES, { key: ORDER_INDEX }],
  obsoleteIndexes: ['outcome_1_lastReceivedAt_1', 'merchantId_1_platformTradeNo_1', 'orderId_1'],
  upgrade: NOTIFICATION_UPGRADE,
}
