import type { mongo } from 'mongoose'
import { buildIndexes, dropIndexes } from './build-indexes.ts'
import { findUpgrade, isNewestBehind, upgradeDocuments, type Upgrade } from './upgrade-documents.ts'

/** What a collection needs before it is used. */
export interface CollectionPlan {
  readonly name: string
  readonly indexes: readonly mongo.IndexDescription[]
  /**
   * Names of unique indexes that an earlier version had and that would refuse what this one writes. They are dropped at once;
   * a process of the earlier version that starts beside this one may build them again, so catching up drops them, too.
   */
  readonly blockingIndexes?: readonly string[]
  /** Names of indexes that an earlier version had. They are dropped when no process of it is expected any more. */
  readonly obsoleteIndexes: readonly string[]
  /** What a document of an earlier version gets: aggregation expressions by field. */
  readonly upgrade: Readonly<Record<string, unknown>> & { readonly schemaVersion: number }
  /** What a document gets instead whose upgrade would violate a unique index. */
  readonly upgradeOfConflicting?: Readonly<Record<string, unknown>>
}

/** Where progress is told; pino fits. */
export interface ProgressLog {
  info(fields: object, message: string): void
}

/** MongoDB's error when a collection exists already. */
const NAMESPACE_EXISTS = 48

/** For so long after the first upgrade, processes of the version before may run beside this one, or be gone back to. */
const SIDE_BY_SIDE_MS = 7 * 24 * 60 * 60 * 1000

/** Documents that are older than the end of the last upgrade may have been changed since by a process of the version before. */
const LOOK_BACK_SECONDS = 24 * 60 * 60

/** An id of every collection is four characters for its kind, then the second of its creation in eight hexadecimal digits. */
const ID = /^(?<kind>.{4})(?<second>[0-9a-f]{8})/

/** Tells whether an earlier version may still be in use on this database. */
export function isSideBySide(upgrade: Upgrade | null, now = Date.now()): boolean {
  return upgrade === null || now - upgrade.firstCompletedAt.getTime() < SIDE_BY_SIDE_MS
}

function lookBack({ upTo }: Upgrade): string {
  const { kind = '', second = '0' } = ID.exec(upTo)?.groups ?? {}
  const from = Math.max(0, Number.parseInt(second, 16) - LOOK_BACK_SECONDS)
  return kind + from.toString(16).padStart(8, '0')
}

async function createCollection(database: mongo.Db, name: string): Promise<void> {
  try {
    await database.createCollection(name)
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === NAMESPACE_EXISTS
    if (!exists) throw error
  }
}

/**
 * Creates what is missing: collections, fields that a later version reads, and indexes. It may take minutes on a large
 * database, and tells its progress; several processes may do it at the same time. It can be interrupted and repeated.
 */
export async function prepareCollection(
  database: mongo.Db,
  plan: CollectionPlan,
  log: ProgressLog,
): Promise<void> {
  await createCollection(database, plan.name)
  const earlier = await findUpgrade(database, plan)
  const collection = database.collection(plan.name)
  // Unique ones first, so that an upgrade meets its conflicts document by document.
  await buildIndexes(
    collection,
    plan.indexes.filter(({ unique }) => unique === true),
    log,
  )
  if (earlier === null) await upgradeDocuments(database, plan, { after: '', log })
  await buildIndexes(collection, plan.indexes, log)
  await dropIndexes(collection, plan.blockingIndexes ?? [])
  if (!isSideBySide(earlier)) await dropIndexes(collection, plan.obsoleteIndexes)
}

/**
 * Upgrades what a process of an earlier version has written since the last upgrade, or within a day before it; does nothing
 * when there is no sign of such a process. It need not be waited for: until then, a payment of such an order is found by the
 * query of the platform.
 */
export async function catchUp(
  database: mongo.Db,
  plan: CollectionPlan,
  { log, leaving }: { readonly log: ProgressLog; readonly leaving: AbortSignal },
): Promise<void> {
  const earlier = await findUpgrade(database, plan)
  if (earlier === null) return
  await dropIndexes(database.collection(plan.name), plan.blockingIndexes ?? [])
  const isExpected = isSideBySide(earlier) || (await isNewestBehind(database, plan))
  if (isExpected) await upgradeDocuments(database, plan, { after: lookBack(earlier), log, leaving })
}
