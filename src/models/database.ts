import mongoose, { type Connection } from 'mongoose'
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

/**
 * How long one command may wait for a server, in milliseconds: well inside the five seconds that a platform waits
 * for its answer, so that a lost database becomes a 503 and not a time-out.
 */
const SERVER_SELECTION_MS = 1500
const SOCKET_TIMEOUT_MS = 4000

/** mongodb://hosts/NAME?options; without a name the driver would use `test`. */
const NAMES_DATABASE = /^mongodb(\+srv)?:\/\/[^/]+\/[^?]+/

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
  const connection = mongoose.createConnection(uri, {
    ...(!NAMES_DATABASE.test(uri) && { dbName: 'paybell' }),
    // An acknowledged write is in the journal of the majority (docs/adr/0003 on what the embedded engine makes of it).
    writeConcern: { w: 'majority', journal: true },
    serverSelectionTimeoutMS: SERVER_SELECTION_MS,
    socketTimeoutMS: SOCKET_TIMEOUT_MS,
    bufferCommands: false,
    maxPoolSize: 64,
  })
  const database = {
    orders: orderStore(connection),
    inbox: notificationInbox(connection),
    rejections: rejectionLog(connection),
    async ping() {
      await connection.db?.admin().ping()
    },
    close: () => connection.close(),
  }
  try {
    await connection.asPromise()
    await prepare(connection)
    return database
  } catch (error) {
    await connection.close()
    throw error
  }
}
