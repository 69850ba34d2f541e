import type { mongo } from 'mongoose'
import { isDuplicateKey } from './duplicate-key.ts'
import type { CollectionPlan, ProgressLog } from './prepare.ts'

/** Documents that are upgraded by one command. */
const BATCH = 10_000

const PROGRESS_MS = 5000

interface Documents {
  readonly _id: string
  readonly schemaVersion?: number
}

/** How far the documents of a collection were upgraded to a version. */
export interface Upgrade {
  /** `<collection>:<version>` */
  readonly _id: string
  readonly firstCompletedAt: Date
  /** The newest document that there was when the last upgrade began. */
  readonly upTo: string
}

/** The record of the upgrade that a plan describes; null when it was never completed. */
export function findUpgrade(database: mongo.Db, { name, upgrade }: CollectionPlan): Promise<Upgrade | null> {
  return database.collection<Upgrade>('upgrades').findOne({ _id: `${name}:${upgrade.schemaVersion}` })
}

/**
 * Documents whose fields are not what the plan says: of an earlier version, or written by a process of an earlier version,
 * which leaves fields that it does not know as they were. Those of a later version are left alone.
 */
function isBehind({ schemaVersion, ...fields }: CollectionPlan['upgrade']) {
  const version = { $ifNull: ['$schemaVersion', 0] }
  const differs = Object.entries(fields).map(([field, expression]) => ({ $ne: [`$${field}`, expression] }))
  const isStale = { $and: [{ $eq: [version, schemaVersion] }, { $or: [...differs, false] }] }
  return { $expr: { $or: [{ $lt: [version, schemaVersion] }, isStale] } }
}

/** What an upgrade looks at, and who is told of it. */
interface UpgradeRun {
  /** The id behind which it begins; empty for all documents. */
  readonly after: string
  readonly log: ProgressLog
  /** Aborts when the process is stopping. */
  readonly leaving?: AbortSignal
}

/** Documents that are looked at for a sign of an earlier version. */
const NEWEST = 100

/** Tells whether one of the newest documents was written by an earlier version, as after going back to it for a while. */
export async function isNewestBehind(
  database: mongo.Db,
  { name, upgrade: { schemaVersion } }: CollectionPlan,
): Promise<boolean> {
  const newest = {
    projection: { schemaVersion: 1 },
    sort: { _id: -1 },
    hint: { _id: 1 },
    limit: NEWEST,
  } as const
  const documents = await database.collection<Documents>(name).find({}, newest).toArray()
  return documents.some(({ schemaVersion: written = 0 }) => written < schemaVersion)
}

/** Empty when there is no document. */
async function lastId(collection: mongo.Collection<Documents>): Promise<string> {
  const last = await collection.findOne({}, { projection: { _id: 1 }, sort: { _id: -1 }, hint: { _id: 1 } })
  return last?._id ?? ''
}

/** The end of the next batch; the end of all when there is no whole batch any more. */
async function endOfBatch(
  collection: mongo.Collection<Documents>,
  after: string,
  end: string,
): Promise<string> {
  const range = { _id: { $gt: after, $lt: end } }
  const options = { projection: { _id: 1 }, sort: { _id: 1 }, hint: { _id: 1 }, skip: BATCH - 1 } as const
  return (await collection.findOne(range, options))?._id ?? end
}

/** Those of a range one by one, where the upgrade of one of them would violate a unique index. */
async function upgradeEach(
  collection: mongo.Collection<Documents>,
  filter: mongo.Filter<Documents>,
  { upgrade, upgradeOfConflicting }: CollectionPlan,
): Promise<number> {
  let upgraded = 0
  const behind = collection.find(filter, { projection: { _id: 1 } })
  for await (const { _id } of behind) {
    try {
      await collection.updateOne({ _id }, [{ $set: upgrade }])
    } catch (error) {
      if (!isDuplicateKey(error) || upgradeOfConflicting === undefined) throw error
      await collection.updateOne({ _id }, [{ $set: upgradeOfConflicting }])
    }
    upgraded += 1
  }
  return upgraded
}

async function upgradeRange(
  collection: mongo.Collection<Documents>,
  range: mongo.Filter<Documents>,
  plan: CollectionPlan,
): Promise<number> {
  const filter = { ...range, ...isBehind(plan.upgrade) }
  try {
    return (await collection.updateMany(filter, [{ $set: plan.upgrade }])).modifiedCount
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    return upgradeEach(collection, filter, plan)
  }
}

/**
 * Gives documents the fields that this version looks up, in batches, each of which may be repeated: those behind `after`
 * that are there now. What is added meanwhile by processes of this version needs none of it. Ends after a batch when it is
 * told to, and then counts as not done.
 */
export async function upgradeDocuments(
  database: mongo.Db,
  plan: CollectionPlan,
  { after, log, leaving }: UpgradeRun,
): Promise<void> {
  const { name, upgrade } = plan
  const collection = database.collection<Documents>(name)
  const end = await lastId(collection)
  let upgraded = 0
  let toldAt = performance.now()
  let from = after
  while (from < end) {
    if (leaving?.aborted === true) return
    const to = await endOfBatch(collection, from, end)
    upgraded += await upgradeRange(collection, { _id: { $gt: from, $lte: to } }, plan)
    from = to
    if (performance.now() - toldAt < PROGRESS_MS) continue
    toldAt = performance.now()
    log.info({ collection: name, upgraded }, 'Documents of an earlier version are being upgraded.')
  }
  if (upgraded > 0) log.info({ collection: name, upgraded }, 'Documents of an earlier version were upgraded.')
  await database
    .collection<Upgrade>('upgrades')
    .updateOne(
      { _id: `${name}:${upgrade.schemaVersion}` },
      { $set: { upTo: end }, $setOnInsert: { firstCompletedAt: new Date() } },
      { upsert: true },
    )
}
