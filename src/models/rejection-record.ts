import { mongo, Schema } from 'mongoose'
import type { Explanation } from '../domain/explanation.ts'
import type { Platform } from '../domain/payment-fact.ts'
import { boundedMessage, type KeptMessage, type MessageSize, type WholeMessage } from './bounded-message.ts'
import { explanationField } from './explanation.ts'
import type { CollectionPlan } from './prepare.ts'
import type { RejectionScope } from './rejection-room.ts'
import { UNJOURNALED } from './unjournaled.ts'

/** A rejected notification, as it arrived. */
export interface Rejection extends WholeMessage, RejectionScope {
  readonly platform: Platform
  readonly verdict: string
  /**
   * Equal for deliveries of the same message, which are counted on the row of the first one; null for what is never
   * counted so.
   */
  readonly fingerprint: string | null
  readonly receivedAt: Date
  /** Called only when a row is made. */
  readonly explain: () => Explanation
  /** The id of the order that it names; null when it names none. Called only when a row is made. */
  readonly findOrderId: () => Promise<string | null>
}

/** A rejected notification, as it is kept. */
export interface StoredRejection extends KeptMessage {
  readonly id: string
  readonly platform: Platform
  readonly merchantId: string
  readonly verdict: string
  readonly explanation: Explanation
  /** The order that it names, so that it is found by its order. It may be forged: nothing of it is believed. */
  readonly orderId: string | null
  readonly receivedAt: Date
  readonly lastReceivedAt: Date
  /** How often the same message was rejected. */
  readonly attempts: number
}

/** A row of the collection `rejectedNotifications`. */
export type RejectionRecord = Omit<StoredRejection, 'id' | 'cutFrom' | 'orderId'> &
  RejectionScope & {
    readonly _id: string
    readonly orderId?: string
    readonly fingerprint?: string
    readonly cutFrom?: MessageSize
    readonly schemaVersion: number
  }

/** The collection of the rejected notifications. */
export const REJECTION_COLLECTION = 'rejectedNotifications'

/** Of the rows that this version writes. */
export const SCHEMA_VERSION = 1

/** The schema of `RejectionRecord`. */
export const rejectionSchema = new Schema<RejectionRecord>(
  {
    _id: { type: String, required: true },
    platform: { type: String, required: true },
    merchantId: { type: String, required: true },
    verdict: { type: String, required: true },
    signature: { type: String, required: true },
    address: String,
    fingerprint: String,
    explanation: explanationField,
    orderId: String,
    receivedAt: { type: Date, required: true },
    lastReceivedAt: { type: Date, required: true },
    attempts: { type: Number, required: true },
    rawHeaders: { type: [[String]], required: true },
    // Not `required`: Mongoose takes an empty buffer for none, and anybody may send an empty body.
    rawBody: { type: Buffer },
    schemaVersion: { type: Number, required: true },
    cutFrom: { type: { headers: Number, bodyBytes: Number, bodySha256: String }, _id: false },
  },
  {
    collection: REJECTION_COLLECTION,
    versionKey: false,
    autoIndex: false,
    autoCreate: false,
    ...UNJOURNALED,
  },
)

/** Lists the rows of an order. */
export const ORDER_INDEX = { orderId: 1, _id: -1 } as const

/** The collection `rejectedNotifications` with its indexes. */
export const REJECTIONS: CollectionPlan = {
  name: REJECTION_COLLECTION,
  indexes: [
    // Lists, newest first: of a merchant, of a verdict, and of both. Several verdicts are merged in this order.
    { key: { merchantId: 1, _id: -1 } },
    { key: { verdict: 1, _id: -1 } },
    { key: { merchantId: 1, verdict: 1, _id: -1 } },
    { key: ORDER_INDEX, partialFilterExpression: { orderId: { $exists: true } } },
    // The bounds: of a share, and of an address in it.
    { key: { merchantId: 1, signature: 1, _id: 1 } },
    {
      key: { merchantId: 1, signature: 1, address: 1, _id: 1 },
      partialFilterExpression: { address: { $exists: true } },
    },
    {
      key: { merchantId: 1, signature: 1, fingerprint: 1 },
      unique: true,
      partialFilterExpression: { fingerprint: { $exists: true } },
    },
  ],
  obsoleteIndexes: [],
  upgrade: { schemaVersion: SCHEMA_VERSION },
}

/** The row of a notification that was just rejected, cut down to its bounds. */
export function toRecord(rejection: Rejection, orderId: string | null): RejectionRecord {
  const { rawHeaders, rawBody, fingerprint, address, explain, findOrderId: _, ...fields } = rejection
  const { cutFrom, ...kept } = boundedMessage({ rawHeaders, rawBody })
  return {
    ...fields,
    ...kept,
    _id: `rej_${new mongo.ObjectId().toHexString()}`,
    explanation: explain(),
    lastReceivedAt: fields.receivedAt,
    attempts: 1,
    schemaVersion: SCHEMA_VERSION,
    ...(address !== undefined && { address }),
    ...(fingerprint !== null && { fingerprint }),
    ...(orderId !== null && { orderId }),
    ...(cutFrom !== null && { cutFrom }),
  }
}

/** A row as others see it. */
export function toStored(record: RejectionRecord): StoredRejection {
  const { _id, rawBody, cutFrom = null, orderId = null, schemaVersion: _1, ...row } = record
  // A lean read gives the driver's Binary, whose buffer may be longer than its value.
  return { ...row, orderId, rawBody: Buffer.from(rawBody.buffer), cutFrom, id: _id }
}
