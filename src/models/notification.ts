import { mongo, type Connection, type Model, type QueryFilter } from 'mongoose'
import type { Explanation } from '../domain/explanation.ts'
import type { Platform } from '../domain/payment-fact.ts'
import { isDuplicateKey } from './duplicate-key.ts'
import { countNewest, listNewest, type Listed, type ListFilter } from './listing.ts'
import {
  ignoredFacet,
  indexingOf,
  notificationSchema,
  unmatchedFacet,
  unreportedFacet,
  waitingFacet,
  type NotificationRecord,
} from './notification-record.ts'
import { reportDueAfter } from './report-lines.ts'
import { UNJOURNALED } from './unjournaled.ts'

/** What verification said of a notification whose signature is good. Rejected ones are in the bounded log (see rejection.ts). */
export type KeptVerdict = 'VERIFIED' | 'UNDECRYPTABLE' | 'UNREADABLE'

/**
 * What became of a notification. PENDING: not applied yet. UNMATCHED: its order does not exist here (yet).
 * DUPLICATE: it said what was known already. IGNORED: something that the reader of this version does not handle.
 */
export type NotificationOutcome = 'PENDING' | 'APPLIED' | 'DUPLICATE' | 'UNMATCHED' | 'IGNORED'

/** Why a notification whose signature is good has no effect yet, where an operator has to act. */
export type Trouble = Extract<NotificationOutcome, 'UNMATCHED'> | Exclude<KeptVerdict, 'VERIFIED'>

/** A notification whose signature is good, as it arrived. */
export interface ReceivedNotification {
  readonly platform: Platform
  readonly merchantId: string
  /** Null when it could not be read. */
  readonly platformNotificationId: string | null
  /** Null when it could not be read. */
  readonly eventType: string | null
  readonly verdict: KeptVerdict
  /** Which version of the reader read it last; 0 for those that had no version. */
  readonly readerVersion: number
  readonly explanation: Explanation
  /** The order number that the platform named; null when it could not be read. */
  readonly platformTradeNo: string | null
  readonly rawHeaders: readonly (readonly [string, string])[]
  /** The exact bytes of the body. What is personal in them is encrypted by the platform. */
  readonly rawBody: Buffer
}

/** A notification that is to be stored. */
export interface KeyedNotification extends ReceivedNotification {
  /** Each names the entry that this notification may have already; the first one is for a new entry. See `entryKeys`. */
  readonly keys: readonly [string, ...string[]]
}

/** A row of the inbox. */
export interface StoredNotification extends ReceivedNotification {
  readonly id: string
  readonly outcome: NotificationOutcome
  readonly orderId: string | null
  /** The troubles that the log has a line about. */
  readonly reported: readonly Trouble[]
  /** How often the platform has sent it so far. */
  readonly attempts: number
  readonly firstReceivedAt: Date
  readonly lastReceivedAt: Date
}

/** What became of an entry, and how it was read, as far as it can change. */
export type Settlement = Pick<
  StoredNotification,
  | 'verdict'
  | 'readerVersion'
  | 'outcome'
  | 'orderId'
  | 'explanation'
  | 'platformTradeNo'
  | 'platformNotificationId'
  | 'eventType'
  | 'reported'
> & { readonly key: string }

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

/** Which unreported troubles are looked for: of entries received before a moment, behind the entry with id `after`. */
export interface Unreported {
  readonly trouble: Trouble
  readonly receivedBefore: Date
  readonly after?: string | undefined
}

/** The id of a notification at its platform. */
export type PlatformNotification = Pick<ReceivedNotification, 'platform' | 'merchantId'> & {
  readonly platformNotificationId: string
}

/** The notifications whose signature is good, each once, however often the platform sends it. */
export interface Inbox {
  /** Stores the notification, or counts it on the entry that its first delivery made. Durable when it resolves. */
  receive(received: KeyedNotification, at: Date): Promise<StoredNotification>
  /** The entries under this id that a version without keys stored. */
  unkeyed(notification: PlatformNotification): Promise<readonly StoredNotification[]>
  /** Gives such an entry its key; does nothing when it has one, or when another entry has this one. */
  giveKey(id: string, key: string): Promise<void>
  /** Writes down what became of it. Durable when it resolves. */
  settle(id: string, settlement: Settlement): Promise<void>
  byId(id: string): Promise<StoredNotification | undefined>
  /** Rows that were stored and not applied; the oldest first. */
  pending(waiting: Waiting, limit: number): Promise<readonly StoredNotification[]>
  /** Entries that a reader of an earlier version ignored, behind the one with id `after`; the oldest first. */
  ignoredBefore(
    readerVersion: number,
    page: { readonly after?: string | undefined; readonly limit: number },
  ): Promise<readonly StoredNotification[]>
  /** Entries whose trouble has no line in the log yet; the oldest first. */
  unreported(which: Unreported, limit: number): Promise<readonly StoredNotification[]>
  /**
   * Takes the report of a trouble of an entry, for as long as writing the line may take, by the clock that all processes share;
   * false when the log has the line, when another process has taken it, or when the trouble has ended.
   */
  takeReport(id: string, trouble: Trouble, now: Date): Promise<boolean>
  /** Notes that the log has the line. */
  noteReport(id: string, trouble: Trouble): Promise<void>
  /** Rows that wait for an order with one of these numbers. */
  unmatched(merchantId: string, tradeNos: readonly string[]): Promise<readonly StoredNotification[]>
  /** Newest first. See `Listed`. */
  list(selection: NotificationSelection, page: Page): Promise<Listed<StoredNotification>>
  /** How many there are, up to `MAX_COUNTED`. */
  count(selection: NotificationSelection): Promise<number>
}

/** The one place where a document of whatever version becomes a row. */
function toStored(record: NotificationRecord): StoredNotification {
  const { _id, rawBody, facets: _1, schemaVersion: _2, key: _3, reportDueAt: _4, ...row } = record
  // Before version 3 there were no such fields; defaults are not set in what is read.
  const { readerVersion = 0, reported = [] } = row as Partial<typeof row>
  // A lean read gives the driver's Binary, whose buffer may be longer than its value.
  return { ...row, readerVersion, reported, rawBody: Buffer.from(rawBody.buffer), id: _id }
}

async function upsert(
  model: Model<NotificationRecord>,
  received: KeyedNotification,
  at: Date,
): Promise<StoredNotification> {
  const { platform, merchantId, platformNotificationId, keys, rawHeaders, ...first } = received
  const record = await model
    .findOneAndUpdate(
      { platform, merchantId, platformNotificationId, key: { $in: [...keys] } },
      {
        $setOnInsert: {
          ...first,
          key: keys[0],
          ...indexingOf({ ...first, outcome: 'PENDING', reported: [] }),
          _id: `ntf_${new mongo.ObjectId().toHexString()}`,
          rawHeaders: rawHeaders.map((pair) => [...pair]),
          outcome: 'PENDING',
          orderId: null,
          reported: [],
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

async function settleAs(
  model: Model<NotificationRecord>,
  id: string,
  settlement: Omit<Settlement, 'key' | 'platformNotificationId'>,
): Promise<void> {
  // What is reported meanwhile stays so: it is only what the facets are derived from here.
  const { reported: _, ...changes } = settlement
  // What had its effect keeps it: a slower delivery of the same notification may have read an older state.
  await model.updateOne(
    { _id: id, outcome: { $in: ['PENDING', 'UNMATCHED', 'IGNORED'] } },
    { $set: { ...changes, ...indexingOf(settlement) } },
  )
}

const FACETS = { facets: 1, _id: -1 } as const
const MERCHANT_FACETS = { merchantId: 1, ...FACETS } as const

type Keys = Pick<Inbox, 'unkeyed' | 'giveKey'>

function keys(model: Model<NotificationRecord>): Keys {
  return {
    async unkeyed(notification) {
      const records = await model
        .find({ ...notification, key: { $exists: false } })
        .lean<NotificationRecord[]>()
      return records.map(toStored)
    },
    async giveKey(_id, key) {
      try {
        await model.updateOne({ _id, key: { $exists: false } }, { $set: { key } })
      } catch (error) {
        if (!isDuplicateKey(error)) throw error
      }
    },
  }
}

type Waits = Pick<Inbox, 'pending' | 'ignoredBefore' | 'unmatched' | 'unreported'>

function waits(model: Model<NotificationRecord>): Waits {
  async function oldest(filter: QueryFilter<NotificationRecord>, limit: number) {
    const found = model.find(filter).sort({ _id: 1 }).limit(limit)
    const hint = 'merchantId' in filter ? MERCHANT_FACETS : FACETS
    const records = await found.hint(hint).lean<NotificationRecord[]>()
    return records.map(toStored)
  }
  return {
    pending: ({ verdict, silentSince, after = '' }, limit) =>
      oldest(
        { facets: waitingFacet(verdict), _id: { $gt: after }, lastReceivedAt: { $lte: silentSince } },
        limit,
      ),
    ignoredBefore(readerVersion, { after = '', limit }) {
      const earlier = Array.from({ length: readerVersion }, (_none, version) => ignoredFacet(version))
      return oldest({ facets: { $in: earlier }, _id: { $gt: after } }, limit)
    },
    unreported: ({ trouble, receivedBefore, after = '' }, limit) =>
      oldest(
        {
          facets: unreportedFacet(trouble),
          _id: { $gt: after },
          firstReceivedAt: { $lte: receivedBefore },
        },
        limit,
      ),
    unmatched: (merchantId, tradeNos) =>
      oldest({ merchantId, facets: { $in: [...new Set(tradeNos)].map(unmatchedFacet) } }, 100),
  }
}

type Reports = Pick<Inbox, 'takeReport' | 'noteReport'>

/** A note that is lost costs a second line, so none waits for the journal. */
function reports(model: Model<NotificationRecord>): Reports {
  return {
    async takeReport(id, trouble, now) {
      const isFree = [{ reportDueAt: null }, { reportDueAt: { $lte: now } }]
      const result = await model.updateOne(
        { _id: id, facets: unreportedFacet(trouble), reported: { $ne: trouble }, $or: isFree },
        { $set: { reportDueAt: reportDueAfter(now) } },
        UNJOURNALED,
      )
      return result.modifiedCount === 1
    },
    async noteReport(id, trouble) {
      await model.updateOne(
        { _id: id },
        {
          $addToSet: { reported: trouble },
          $pull: { facets: unreportedFacet(trouble) },
          $unset: { reportDueAt: 1 },
        },
        UNJOURNALED,
      )
    },
  }
}

/** Registers the collection `notifications` on a connection. */
export function notificationInbox(connection: Connection): Inbox {
  const model = connection.model<NotificationRecord>('Notification', notificationSchema)
  return {
    ...keys(model),
    ...waits(model),
    ...reports(model),
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
      const { key: _1, platformNotificationId: _2, ...known } = settlement
      try {
        await settleAs(model, id, settlement)
      } catch (error) {
        // A later delivery could be read before this one was read again, and has an entry of its own.
        if (isDuplicateKey(error)) return settleAs(model, id, known)
        throw error
      }
    },
    async byId(id) {
      const record = await model.findById(id).lean<NotificationRecord | null>()
      return record === null ? undefined : toStored(record)
    },
    async list(selection, page) {
      const { rows, ...rest } = await listNewest(model, toFilter(selection, page), page.first)
      return { rows: rows.map(toStored), ...rest }
    },
    count: (selection) => countNewest(model, toFilter(selection)),
  }
}
