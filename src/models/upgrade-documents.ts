import type { mongo } from 'mongoose'
import type { CollectionPlan, ProgressLog } from './prepare.ts'

/** Documents that are upgraded by one command. */
const BATCH = 10_000

/** A process of the version before may run beside this one for so long, and adds documents without the new fields. */
const SIDE_BY_SIDE_MS = 7 * 24 * 60 * 60 * 1000

const PROGRESS_MS = 5000

/** That the documents of a collection were upgraded, up to the one with this id. */
interface Upgraded {
  readonly _id: string
  readonly firstCompletedAt: Date
  readonly upTo: string
}

interface Documents {
  readonly _id: string
  readonly schemaVersion?: number
}

/** The first version wrote none. */
function isOlderThan(version: number) {
  return { schemaVersion: { $not: { $gte: version } } }
}

async function idAfterBatch(
  collection: mongo.Collection<Documents>,
  after: string,
): Promise<string | undefined> {
  const range = { _id: { $gt: after } }
  const byId = { projection: { _id: 1 }, sort: { _id: 1 }, hint: { _id: 1 } } as const
  const full = await collection.findOne(range, { ...byId, skip: BATCH - 1 })
  return (full ?? (await collection.findOne(range, { ...byId, sort: { _id: -1 } })))?._id
}

/**
 * Gives documents of the version before the fields that this one looks up: in batches, each of which may be repeated.
 * Documents that are added meanwhile lie behind the last batch, and come in their turn.
 */
export async function upgradeDocuments(
  database: mongo.Db,
  { name, upgrade }: CollectionPlan,
  log: ProgressLog,
): Promise<void> {
  const collection = database.collection<Documents>(name)
  const upgrades = database.collection<Upgraded>('upgrades')
  const { schemaVersion } = upgrade
  const _id = `${name}:${schemaVersion}`
  const earlier = await upgrades.findOne({ _id })
  const startedAt = new Date()
  if (earlier !== null && startedAt.getTime() - earlier.firstCompletedAt.getTime() > SIDE_BY_SIDE_MS) return
  let upTo = earlier?.upTo ?? ''
  let upgraded = 0
  let toldAt = performance.now()
  for (
    let last = await idAfterBatch(collection, upTo);
    last !== undefined;
    last = await idAfterBatch(collection, upTo)
  ) {
    const result = await collection.updateMany(
      { _id: { $gt: upTo, $lte: last }, ...isOlderThan(schemaVersion) },
      [{ $set: upgrade }],
    )
    upTo = last
    upgraded += result.modifiedCount
    if (performance.now() - toldAt < PROGRESS_MS) continue
    toldAt = performance.now()
    log.info({ collection: name, upgraded }, 'Documents of an earlier version are being upgraded.')
  }
  if (upgraded > 0) log.info({ collection: name, upgraded }, 'Documents of an earlier version were upgraded.')
  await upgrades.updateOne(
    { _id },
    { $set: { upTo }, $setOnInsert: { firstCompletedAt: startedAt } },
    { upsert: true },
  )
}
