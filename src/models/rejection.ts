import { mongo, Schema, type Connection, type QueryFilter } from 'mongoose'
import type { Explanation } from '../domain/explanation.ts'
import type { Platform } from '../domain/payment-fact.ts'
import { explanationField } from './explanation.ts'
import type { NotificationSelection, Page } from './notification.ts'

/** A callback that was refused. */
export interface Rejection {
  readonly platform: Platform
  readonly merchantId: string
  readonly verdict: string
  readonly explanation: Explanation
  readonly receivedAt: Date
  readonly rawHeaders: readonly (readonly [string, string])[]
  readonly rawBody: Buffer
}

/** A row of the log. */
export interface StoredRejection extends Rejection {
  readonly id: string
}

type RejectionRecord = Rejection & { readonly _id: string }

/** Upper bounds of the log of refused callbacks: anybody on the internet may write to it. */
export const REJECTION_LOG_LIMITS = { bytes: 16 * 1024 * 1024, rows: 5000 } as const

const rejectionSchema = new Schema<RejectionRecord>(
  {
    _id: { type: String, required: true },
    platform: { type: String, required: true },
    merchantId: { type: String, required: true },
    verdict: { type: String, required: true },
    explanation: explanationField,
    receivedAt: { type: Date, required: true },
    rawHeaders: { type: [[String]], required: true },
    // Not `required`: Mongoose takes an empty buffer for none, and anybody may send an empty body.
    rawBody: { type: Buffer },
  },
  {
    collection: 'rejections',
    versionKey: false,
    autoIndex: false,
    autoCreate: false,
    capped: { size: REJECTION_LOG_LIMITS.bytes, max: REJECTION_LOG_LIMITS.rows },
    // Nothing is promised about a refused callback, so it need not wait for the journal.
    writeConcern: { w: 1, j: false },
  },
)

/** The bounded log of refused callbacks: the oldest rows make room for new ones. */
export interface RejectionLog {
  add(rejection: Rejection): Promise<StoredRejection>
  byId(id: string): Promise<StoredRejection | undefined>
  /** Refused callbacks have no order and one outcome, so a selection by order or another outcome is empty. */
  list(selection: NotificationSelection, page: Page): Promise<readonly StoredRejection[]>
  count(selection: NotificationSelection): Promise<number>
}

function toStored({ _id, rawBody, ...row }: RejectionRecord): StoredRejection {
  return { ...row, rawBody: Buffer.from(rawBody.buffer), id: _id }
}

function selectsRefused({ orderId, outcome }: NotificationSelection): boolean {
  return orderId === undefined && (outcome === undefined || outcome.includes('REFUSED'))
}

function filterOf({ merchantId, verdict }: NotificationSelection): QueryFilter<RejectionRecord> {
  return {
    ...(merchantId !== undefined && { merchantId }),
    ...(verdict !== undefined && { verdict: { $in: [...verdict] } }),
  }
}

/** Registers the capped collection `rejections` on a connection. */
export function rejectionLog(connection: Connection): RejectionLog {
  const model = connection.model<RejectionRecord>('Rejection', rejectionSchema)
  return {
    async add(rejection) {
      const id = `rej_${new mongo.ObjectId().toHexString()}`
      await model.create({ ...rejection, _id: id })
      return { ...rejection, id }
    },
    async byId(id) {
      const record = await model.findById(id).lean<RejectionRecord | null>()
      return record === null ? undefined : toStored(record)
    },
    async list(selection, { first, before }) {
      if (!selectsRefused(selection)) return []
      const older = before === undefined ? {} : { _id: { $lt: before } }
      const records = await model
        .find({ ...filterOf(selection), ...older })
        .sort({ _id: -1 })
        .limit(first)
        .lean<RejectionRecord[]>()
      return records.map(toStored)
    },
    async count(selection) {
      return selectsRefused(selection) ? model.countDocuments(filterOf(selection)) : 0
    },
  }
}
