import { mongo, Schema, type Connection } from 'mongoose'
import type { Platform } from '../domain/payment-fact.ts'
import { isDuplicateKey } from './duplicate-key.ts'

/** What verification said of a callback that is kept. Refused ones are in the bounded log (see rejection.ts). */
export type KeptVerdict = 'VERIFIED' | 'UNDECRYPTABLE'

/**
 * What became of a callback. PENDING: not applied yet. UNMATCHED: its order does not exist here (yet).
 * DUPLICATE: it said what was known already. IGNORED: an event that this gateway does not know.
 */
export type NotificationOutcome = 'PENDING' | 'APPLIED' | 'DUPLICATE' | 'UNMATCHED' | 'IGNORED'

/** A verified callback as it arrived. */
export interface ReceivedNotification {
  readonly platform: Platform
  readonly merchantId: string
  readonly platformNotificationId: string
  readonly eventType: string
  readonly verdict: KeptVerdict
  /** One plain sentence for a person. */
  readonly explanation: string
  /** The order number that the platform named; null when it could not be read. */
  readonly platformTradeNo: string | null
  readonly rawHeaders: readonly (readonly [string, string])[]
  /** The exact bytes of the body. What is personal in them is encrypted by the platform. */
  readonly rawBody: Buffer
}

/** A row of the inbox. */
export interface StoredNotification extends ReceivedNotification {
  readonly id: string
  readonly outcome: NotificationOutcome
  readonly orderId: string | null
  /** How often the platform has sent it so far. */
  readonly attempts: number
  readonly firstReceivedAt: Date
  readonly lastReceivedAt: Date
}

type NotificationRecord = Omit<StoredNotification, 'id'> & { readonly _id: string }

const notificationSchema = new Schema<NotificationRecord>(
  {
    _id: { type: String, required: true },
    platform: { type: String, required: true },
    merchantId: { type: String, required: true },
    platformNotificationId: { type: String, required: true },
    eventType: { type: String, required: true },
    verdict: { type: String, required: true },
    outcome: { type: String, required: true },
    explanation: { type: String, required: true },
    platformTradeNo: { type: String, default: null },
    orderId: { type: String, default: null },
    attempts: { type: Number, required: true },
    firstReceivedAt: { type: Date, required: true },
    lastReceivedAt: { type: Date, required: true },
    rawHeaders: { type: [[String]], required: true },
    rawBody: { type: Buffer, required: true },
  },
  { collection: 'notifications', versionKey: false, autoIndex: false },
)

// The merchant is part of the key so that nobody else's callback can take a notification's place.
notificationSchema.index({ platform: 1, merchantId: 1, platformNotificationId: 1 }, { unique: true })

/** The callbacks that were verified, each once, however often the platform sends it. */
export interface Inbox {
  /** Stores the callback, or counts it on the row that its first delivery made. Durable when it resolves. */
  receive(received: ReceivedNotification, at: Date): Promise<StoredNotification>
  /** Writes down what became of it. Durable when it resolves. */
  settle(
    id: string,
    result: Pick<StoredNotification, 'verdict' | 'outcome' | 'orderId' | 'explanation'>,
  ): Promise<void>
}

/** Registers the collection `notifications` on a connection. */
export function notificationInbox(connection: Connection): Inbox {
  const model = connection.model<NotificationRecord>('Notification', notificationSchema)

  async function upsert(received: ReceivedNotification, at: Date): Promise<StoredNotification> {
    const { platform, merchantId, platformNotificationId, rawHeaders, ...first } = received
    const { _id, ...row } = await model
      .findOneAndUpdate(
        { platform, merchantId, platformNotificationId },
        {
          $setOnInsert: {
            ...first,
            _id: `ntf_${new mongo.ObjectId().toHexString()}`,
            rawHeaders: rawHeaders.map((pair) => [...pair]),
            outcome: 'PENDING',
            orderId: null,
            firstReceivedAt: at,
          },
          $set: { lastReceivedAt: at },
          $inc: { attempts: 1 },
        },
        { upsert: true, returnDocument: 'after' },
      )
      .lean<NotificationRecord>()
      .orFail()
    return { ...row, id: _id }
  }

  return {
    async receive(received, at) {
      try {
        return await upsert(received, at)
      } catch (error) {
        // Two first deliveries at the same moment: one inserts, the other meets the unique index and then finds the row.
        if (isDuplicateKey(error)) return upsert(received, at)
        throw error
      }
    },
    async settle(id, result) {
      await model.updateOne({ _id: id }, { $set: result })
    },
  }
}
