import type { mongo } from 'mongoose'
import { buildIndexes } from './build-indexes.ts'
import { upgradeDocuments } from './upgrade-documents.ts'

/** What a collection needs before it is used. */
export interface CollectionPlan {
  readonly name: string
  readonly indexes: readonly mongo.IndexDescription[]
  /** Names of indexes that an earlier version had; they are dropped once the others are there. */
  readonly obsoleteIndexes: readonly string[]
  /** What a document of an earlier version gets: aggregation expressions by field. */
  readonly upgrade: Readonly<Record<string, unknown>> & { readonly schemaVersion: number }
}

/** Where progress is told; pino fits. */
export interface ProgressLog {
  info(fields: object, message: string): void
}

/** MongoDB's error when a collection exists already. */
const NAMESPACE_EXISTS = 48

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
  await upgradeDocuments(database, plan, log)
  await buildIndexes(database.collection(plan.name), plan, log)
}
