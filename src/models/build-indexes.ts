import type { mongo } from 'mongoose'
import type { ProgressLog } from './prepare.ts'

/** How often a build that takes long says so, in milliseconds. */
const PROGRESS_MS = 5000

/** The name that the server gives an index, e.g. `merchantId_1__id_-1`. */
export function indexName(key: mongo.IndexDescription['key']): string {
  return Object.entries(key)
    .map(([field, direction]) => `${field}_${String(direction)}`)
    .join('_')
}

async function buildIndex(
  collection: mongo.Collection,
  { key, ...options }: mongo.IndexDescription,
  log: ProgressLog,
): Promise<void> {
  const documents = await collection.estimatedDocumentCount()
  const startedAt = performance.now()
  const fields = () => ({
    collection: collection.collectionName,
    index: indexName(key),
    documents,
    seconds: Math.round((performance.now() - startedAt) / 1000),
  })
  const progress = setInterval(() => log.info(fields(), 'An index is being built.'), PROGRESS_MS)
  try {
    await collection.createIndex(key, options)
  } finally {
    clearInterval(progress)
  }
  if (performance.now() - startedAt > PROGRESS_MS) log.info(fields(), 'An index was built.')
}

/**
 * Builds the indexes that a collection lacks, one after the other. The server is asked for each, also when it names it
 * among those that there are: one that is still being built is named, too, and then this waits for it.
 */
export async function buildIndexes(
  collection: mongo.Collection,
  indexes: readonly mongo.IndexDescription[],
  log: ProgressLog,
): Promise<void> {
  for (const index of indexes) await buildIndex(collection, index, log)
}

/** Drops those of these indexes that there are. */
export async function dropIndexes(collection: mongo.Collection, names: readonly string[]): Promise<void> {
  if (names.length === 0) return
  const known = new Set((await collection.indexes()).map(({ name }) => name))
  for (const name of names) {
    // Another process may have dropped it in the meantime.
    if (known.has(name)) await collection.dropIndex(name).catch(() => undefined)
  }
}
