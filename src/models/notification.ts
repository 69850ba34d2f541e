import { mongo, Schema, type Connection, type Model, type QueryFilter } from 'mongoose'
import type { Explanation } from '../domain/explanation.ts'
import type { Platform } from '../domain/payment-fact.ts'
import { explanationField } from './explanation.ts'
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
  readonly explanation: Explanation
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

/** What became of a row, as far as it can change. */
export type Settlement = Pick<
  StoredNotification,
  'verdict' | 'outcome' | 'orderId' | 'explanation' | 'platformTradeNo'
>

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
    explanation: explanationField,
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
// What still waits to be applied: few rows, whatever the number of all.
notificationSchema.index(
  { outcome: 1, lastReceivedAt: 1 },
  { partialFilterExpression: { outcome: { $in: ['PENDING', 'UNMATCHED'] } } },
)
notificationSchema.index({ merchantId: 1, platformTradeNo: 1 })
notificationSchema.index({ orderId: 1 })

/** Which notifications a list shows. Absent fields do not narrow it. */
export interface NotificationSelection {
  readonly merchantId?: string | undefined
  readonly orderId?: string | undefined
  readonly outcome?: readonly string[] | undefined
  readonly verdict?: readonly string[] | undefined
}

/** One page of a list: newest first, `before` is the id that the page before ended with. */
export interface Page {
  readonly first: number
  readonly before?: string | undefined
}

/** A filter for collections that have these fields. */
export function selectionFilter({
  merchantId,
  orderId,
  outcome,
  verdict,
}: NotificationSelection): Record<string, unknown> {
  return {
    ...(merchantId !== undefined && { merchantId }),
    ...(orderId !== undefined && { orderId }),
    ...(outcome !== undefined && { outcome: { $in: [...outcome] } }),
    ...(verdict !== undefined && { verdict: { $in: [...verdict] } }),
  }
}

/** Which rows wait to be applied: of this verdict, not sent again after `silentSince`, behind the row with id `after`. */
export interface Waiting {
  readonly verdict: KeptVerdict
  readonly silentSince: Date
  readonly after?: string | undefined
}

/** The callbacks that were verified, each once, however often the platform sends it. */
export interface Inbox {
  /** Stores the callback, or counts it on the row that its first delivery made. Durable when it resolves. */
  receive(received: ReceivedNotification, at: Date): Promise<StoredNotification>
  /** Writes down what became of it. Durable when it resolves. */
  settle(id: string, settlement: Settlement): Promise<void>
  byId(id: string): Promise<StoredNotification | undefined>
  /** Rows that were stored and not applied; the oldest first. */
  pending(waiting: Waiting, limit: number): Promise<readonly StoredNotification[]>
  /** Rows that wait for an order with one of these numbers. */
  unmatched(merchantId: string, tradeNos: readonly string[]): Promise<readonly StoredNotification[]>
  list(selection: NotificationSelection, page: Page): Promise<readonly StoredNotification[]>
  count(selection: NotificationSelection): Promise<number>
}

function toStored({ _id, rawBody, ...row }: NotificationRecord): StoredNotification {
  // A lean read gives the driver's Binary, whose buffer may be longer than its value.
  return { ...row, rawBody: Buffer.from(rawBody.buffer), id: _id }
}

async function upsert(
  model: Model<NotificationRecord>,
  received: ReceivedNotification,
  at: Date,
): Promise<StoredNotification> {
  const { platform, merchantId, platformNotificationId, rawHeaders, ...first } = received
  const record = await model
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
  return toStored(record)
}

/** Registers the collection `notifications` on a connection. */
export function notificationInbox(connection: Connection): Inbox {
  const model = connection.model<NotificationRecord>('Notification', notificationSchema)

  async function find(
    filter: QueryFilter<NotificationRecord>,
    { sort, limit }: { readonly sort: Record<string, 1 | -1>; readonly limit: number },
  ): Promise<readonly StoredNotification[]> {
    const records = await model.find(filter).sort(sort).limit(limit).lean<NotificationRecord[]>()
    return records.map(toStored)
  }

  return {
    async receive(received, at) {
      try {
        return await upsert(model, received, at)
      } catch (error) {
        // Two first deliveries at the same moment: one inserts, the other meets the unique index and then finds the row.
        if (isDuplicateKey(error)) return upsert(model, received, at)
        throw error
      }
    },
    async settle(id, settlement) {
      // What had its effect keeps it: a slower delivery of the same callback may have read an older state.
      await model.updateOne({ _id: id, outcome: { $in: ['PENDING', 'UNMATCHED'] } }, { $set: settlement })
    },
    async byId(id) {
      const record = await model.findById(id).lean<NotificationRecord | null>()
      return record === null ? undefined : toStored(record)
    },
    pending: ({ verdict, silentSince, after }, limit) =>
      find(
        {
          outcome: 'PENDING',
          verdict,
          lastReceivedAt: { $lte: silentSince },
          ...(after !== undefined && { _id: { $gt: after } }),
        },
        { sort: { _id: 1 }, limit },
      ),
    unmatched: (merchantId, tradeNos) =>
      find(
        { merchantId, platformTradeNo: { $in: [...tradeNos] }, outcome: 'UNMATCHED' },
        { sort: { _id: 1 }, limit: 100 },
      ),
    list: (selection, { first, before }) =>
      find(
        { ...selectionFilter(selection), ...(before !== undefined && { _id: { $lt: before } }) },
        { sort: { _id: -1 }, limit: first },
      ),
    count: (selection) => model.countDocuments(selectionFilter(selection)),
  }
}
