import { randomBytes } from 'node:crypto'
import mongoose, { type mongo } from 'mongoose'
import { inject, onTestFinished } from 'vitest'
import type { Database } from '../../src/models/database.ts'
import { openDatabasePatiently } from './patient-database.ts'

/** The address of a database that nobody else uses, in the suite's engine. */
export function freshDatabaseUri(): string {
  const name = `test_${randomBytes(6).toString('hex')}`
  return inject('mongodbUri').replace(/\/[^/?]*\?/, `/${name}?`)
}

/** The database at an address, closed after the test. */
export async function databaseAt(uri: string): Promise<Database> {
  const database = await openDatabasePatiently(uri)
  onTestFinished(() => database.close())
  return database
}

/** Looks into a database past every model, on a connection of its own. */
export async function lookInto<T>(uri: string, look: (database: mongo.Db) => Promise<T>): Promise<T> {
  const connection = await mongoose.createConnection(uri).asPromise()
  try {
    return await look(connection.getClient().db())
  } finally {
    await connection.close()
  }
}

/** Everything that lies in one collection, oldest first. */
export function rowsOf(
  uri: string,
  collection: 'orders' | 'notifications' | 'rejectedNotifications',
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return lookInto(uri, (database) =>
    database.collection(collection).find({}, { promoteBuffers: true }).sort({ $natural: 1 }).toArray(),
  )
}
