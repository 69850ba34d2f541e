import type { Connection } from 'mongoose'
import { keepConnection, LONGEST_COMMAND_MS } from './connection.ts'
import { endingInTime, inTime } from './in-time.ts'
import { notificationInbox, type Inbox } from './notification.ts'
import { orderStore, type OrderStore } from './order.ts'
import { rejectionLog, type RejectionLog } from './rejection.ts'

/** Everything that Paybell keeps, on one connection. */
export interface Database {
  readonly orders: OrderStore
  readonly inbox: Inbox
  readonly rejections: RejectionLog
  /** Resolves when the database answers; rejects when it does not within a second or two. */
  ping(): Promise<void>
  close(): Promise<void>
}

/** How long a sign of life may take, in milliseconds. */
const PING_MS = 2000

async function prepare(connection: Connection): Promise<void> {
  for (const model of Object.values(connection.models)) {
    await model.createCollection()
    await model.createIndexes()
  }
}

/**
 * Connects, and creates collections and indexes before anything else happens.
 * @throws when the database cannot be reached or an index cannot be made
 */
export async function openDatabase(uri: string): Promise<Database> {
  const { connection, close } = await keepConnection(uri)
  const database = {
    orders: endingInTime(orderStore(connection), LONGEST_COMMAND_MS),
    inbox: endingInTime(notificationInbox(connection), LONGEST_COMMAND_MS),
    rejections: endingInTime(rejectionLog(connection), LONGEST_COMMAND_MS),
    async ping() {
      if (connection.db !== undefined) await inTime(connection.db.admin().ping(), PING_MS)
    },
    close,
  }
  try {
    await prepare(connection)
    return database
  } catch (error) {
    await close()
    throw error
  }
}
