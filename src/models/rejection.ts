import { Schema, type Connection } from 'mongoose'
import type { Platform } from '../domain/payment-fact.ts'

/** A callback that was refused. */
export interface Rejection {
  readonly platform: Platform
  readonly merchantId: string
  readonly verdict: string
  /** One plain sentence: why. */
  readonly explanation: string
  readonly receivedAt: Date
  readonly rawHeaders: readonly (readonly [string, string])[]
  readonly rawBody: Buffer
}

/** Upper bounds of the log of refused callbacks: anybody on the internet may write to it. */
export const REJECTION_LOG_LIMITS = { bytes: 16 * 1024 * 1024, rows: 5000 } as const

const rejectionSchema = new Schema<Rejection>(
  {
    platform: { type: String, required: true },
    merchantId: { type: String, required: true },
    verdict: { type: String, required: true },
    explanation: { type: String, required: true },
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
  add(rejection: Rejection): Promise<void>
}

/** Registers the capped collection `rejections` on a connection. */
export function rejectionLog(connection: Connection): RejectionLog {
  const model = connection.model<Rejection>('Rejection', rejectionSchema)
  return {
    async add({ rawHeaders, ...rejection }) {
      await model.create({ ...rejection, rawHeaders: rawHeaders.map((pair) => [...pair]) })
    },
  }
}
