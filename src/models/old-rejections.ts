import type { mongo } from 'mongoose'
import type { Explanation } from '../domain/explanation.ts'
import type { Platform } from '../domain/payment-fact.ts'
import { boundedMessage } from './bounded-message.ts'
import type { RejectionRecord } from './rejection-record.ts'
import { REJECTION_COLLECTION, SCHEMA_VERSION } from './rejection-record.ts'
import { REJECTION_SHARES } from './rejection-room.ts'

/** Where earlier versions kept rejected notifications: a capped collection of 16 MiB. */
const OLD_COLLECTION = 'rejections'

/** The newest of them that are looked at; all fit into one batch, so that nothing is read while another process drops it. */
const MAX_MOVED = 1000

/** The part of a merchant's share that old rows may take: strangers may have filled the old collection. */
const MOVED_PART = 0.5

interface OldRejection {
  readonly _id: string
  readonly platform: Platform
  readonly merchantId: string
  readonly verdict: string
  readonly explanation: Explanation
  readonly receivedAt: Date
  readonly rawHeaders: RejectionRecord['rawHeaders']
  readonly rawBody: Buffer
}

/** What was known of a signature was not kept, so only the verdict that says it counts; the rest is noise. */
function toRecord({ rawHeaders, rawBody, ...row }: OldRejection): RejectionRecord {
  const { cutFrom, ...kept } = boundedMessage({ rawHeaders, rawBody })
  return {
    ...row,
    ...kept,
    signature: row.verdict === 'UNKNOWN_KEY' ? 'key-unknown' : 'invalid',
    lastReceivedAt: row.receivedAt,
    attempts: 1,
    schemaVersion: SCHEMA_VERSION,
    ...(cutFrom !== null && { cutFrom }),
  }
}

async function newestOf(old: mongo.Collection<OldRejection>): Promise<readonly OldRejection[]> {
  const newest = { sort: { $natural: -1 }, limit: MAX_MOVED, batchSize: MAX_MOVED } as const
  return old.find({}, { promoteBuffers: true, ...newest }).toArray()
}

/** The rows that leave room in every share, the newest first. */
function withinShares(rows: readonly RejectionRecord[]): readonly RejectionRecord[] {
  const counts = new Map<string, number>()
  return rows.filter(({ merchantId, signature }) => {
    const key = `${signature} ${merchantId}`
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    return count <= REJECTION_SHARES[signature].rows * MOVED_PART
  })
}

function isThere(db: mongo.Db): Promise<boolean> {
  return db.listCollections({ name: OLD_COLLECTION }, { nameOnly: true }).hasNext()
}

/**
 * Copies the newest rejected notifications of an older version to the collection of this one. May be interrupted, and may
 * run in several processes at once: rows keep their ids.
 */
export async function copyOldRejections(db: mongo.Db): Promise<void> {
  if (!(await isThere(db))) return
  const rows = await newestOf(db.collection<OldRejection>(OLD_COLLECTION))
  const moved = withinShares(rows.map(toRecord)).map((record) => ({
    replaceOne: { filter: { _id: record._id }, replacement: record, upsert: true },
  }))
  const target = db.collection<RejectionRecord>(REJECTION_COLLECTION)
  if (moved.length > 0) await target.bulkWrite(moved, { ordered: false })
}

/**
 * Drops the collection of an older version. To be called when none of its processes is expected any more: it would make
 * the collection again, and without its bound.
 */
export async function dropOldRejections(db: mongo.Db): Promise<void> {
  if (await isThere(db)) await db.dropCollection(OLD_COLLECTION)
}
