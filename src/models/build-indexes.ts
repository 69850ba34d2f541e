import type { mongo } from 'mongoose'
import type { CollectionPlan, ProgressLog } from './prepare.ts'

/** How often a build that takes long says so, in milliseconds. */
const PROGRESS_MS = 5000

/** The name that the server gives an index, e.g. `merchantId_1__id_-1`. */
export function indexName(key: mongo.IndexDescription['key']): string {
  return Object.entries(key)
    .map(([field, direction]) => `${field}_${String(direction)}`)
    .join('_')
}

async function namesOf(collection: mongo.Collection): Promise<ReadonlySet<string>> {
  const indexes = await collection.indexes()
  return new Set(indexes.map(({ name }) => name ?? ''))
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

/** Builds the indexes that a collection lacks, one after the other, then drops those that nothing uses any more. */
export async function buildIndexes(
  collection: mongo.Collection,
  { indexes, obsoleteIndexes }: CollectionPlan,
  log: ProgressLog,
): Promise<void> {
  const known = await namesOf(collection)
  for (const index of indexes) if (!known.has(indexName(index.key))) await buildIndex(collection, index, log)
  for (const name of obsoleteIndexes) {
    // Another process may have dropped it in the meantime.
    if (known.has(name)) await collection.dropIndex(name).catch(() => undefined)
  }
}
