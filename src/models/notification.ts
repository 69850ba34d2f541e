import { mongo, type Connection, type Model, type QueryFilter } from 'mongoose'
import type { Explanation } from '../domain/explanation.ts'
import type { Platform } from '../domain/payment-fact.ts'
import { isDuplicateKey } from './duplicate-key.ts'
import { countNewest, listNewest, type Listed, type ListFilter } from './listing.ts'
import {
  indexingOf,
  notificationSchema,
  unmatchedFacet,
  waitingFacet,
  type NotificationRecord,
} from './notification-record.ts'

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

function toFilter({ merchantId, orderId, outcome, verdict }: NotificationSelection, page?: Page): ListFilter {
  return {
    merchantId,
    orderId,
    facets: [
      ...(outcome === undefined ? [] : [[...new Set(outcome)].map((one) => `outcome:${one}`)]),
      ...(verdict === undefined ? [] : [[...new Set(verdict)].map((one) => `verdict:${one}`)]),
    ],
    idBefore: page?.before,
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
  /** Newest first. See `Listed`. */
  list(selection: NotificationSelection, page: Page): Promise<Listed<StoredNotification>>
  /** How many there are, up to `MAX_COUNTED`. */
  count(selection: NotificationSelection): Promise<number>
}

/** The one place where a document of whatever version becomes a row. */
function toStored(record: NotificationRecord): StoredNotification {
  const { _id, rawBody, facets: _1, schemaVersion: _2, ...row } = record
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
          ...indexingOf({ ...first, outcome: 'PENDING' }),
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

const FACETS = { facets: 1, _id: -1 } as const
const MERCHANT_FACETS = { merchantId: 1, ...FACETS } as const

/** Registers the collection `notifications` on a connection. */
export function notificationInbox(connection: Connection): Inbox {
  const model = connection.model<NotificationRecord>('Notification', notificationSchema)

  async function oldest(filter: QueryFilter<NotificationRecord>, limit: number) {
    const found = model.find(filter).sort({ _id: 1 }).limit(limit)
    const hint = 'merchantId' in filter ? MERCHANT_FACETS : FACETS
    const records = await found.hint(hint).lean<NotificationRecord[]>()
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
      await model.updateOne(
        { _id: id, outcome: { $in: ['PENDING', 'UNMATCHED'] } },
        { $set: { ...settlement, ...indexingOf(settlement) } },
      )
    },
    async byId(id) {
      const record = await model.findById(id).lean<NotificationRecord | null>()
      return record === null ? undefined : toStored(record)
    },
    pending: ({ verdict, silentSince, after = '' }, limit) =>
      oldest(
        { facets: waitingFacet(verdict), _id: { $gt: after }, lastReceivedAt: { $lte: silentSince } },
        limit,
      ),
    unmatched: (merchantId, tradeNos) =>
      oldest({ merchantId, facets: { $in: [...new Set(tradeNos)].map(unmatchedFacet) } }, 100),
    async list(selection, page) {
      const { rows, ...rest } = await listNewest(model, toFilter(selection, page), page.first)
      return { rows: rows.map(toStored), ...rest }
    },
    count: (selection) => countNewest(model, toFilter(selection)),
  }
}
