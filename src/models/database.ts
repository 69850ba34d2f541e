import mongoose, { type Connection, type mongo } from 'mongoose'
import { keepConnection, LONGEST_COMMAND_MS, withoutAnswerLimit } from './connection.ts'
import { keepDatabaseClock, type DatabaseClock } from './database-clock.ts'
import { endingInTime, inTime } from './in-time.ts'
import { NOTIFICATIONS } from './notification-record.ts'
import { notificationInbox, type Inbox } from './notification.ts'
import { ORDERS } from './order-record.ts'
import { copyOldRejections, dropOldRejections } from './old-rejections.ts'
import { orderStore, type OrderStore } from './order.ts'
import { catchUp, isSideBySide, prepareCollection, type ProgressLog } from './prepare.ts'
import { REJECTIONS } from './rejection-record.ts'
import { rejectionLog, type RejectionLog } from './rejection.ts'
import { findUpgrade } from './upgrade-documents.ts'

/** Everything that Paybell keeps, over one pool of connections. */
export interface Stores {
  readonly orders: OrderStore
  readonly inbox: Inbox
  readonly rejections: RejectionLog
}

/** Everything that Paybell keeps. The stores of its own are for callers of the API and for subscribers. */
export interface Database extends Stores {
  /**
   * The same stores over a pool of connections that only notifications and periodic jobs use: however many connections
   * the API has under way, a notification finds one.
   */
  readonly notifications: Stores
  readonly clock: DatabaseClock
  /**
   * Upgrades what processes of an earlier version, beside this one, have written lately. To be called now and then, in the
   * background. Ends soon when the signal aborts.
   */
  catchUp(leaving: AbortSignal): Promise<void>
  /** Resolves when the database answers; rejects when it does not within a second or two. */
  ping(): Promise<void>
  close(): Promise<void>
}

/** How long a sign of life may take, in milliseconds. */
const PING_MS = 2000

function storesOn(connection: Connection): Stores {
  return {
    orders: endingInTime(orderStore(connection), LONGEST_COMMAND_MS),
    inbox: endingInTime(notificationInbox(connection), LONGEST_COMMAND_MS),
    rejections: endingInTime(rejectionLog(connection), LONGEST_COMMAND_MS),
  }
}

/** On a connection of its own, whose commands may take as long as they need: an index of a large collection takes minutes. */
async function withoutHurry(uri: string, work: (database: mongo.Db) => Promise<void>): Promise<void> {
  const connection = await mongoose.createConnection(uri, withoutAnswerLimit(uri)).asPromise()
  try {
    await work(connection.getClient().db())
  } finally {
    await connection.close()
  }
}

function prepare(uri: string, log: ProgressLog): Promise<void> {
  return withoutHurry(uri, async (database) => {
    const rejections = await findUpgrade(database, REJECTIONS)
    if (rejections === null) await copyOldRejections(database)
    for (const plan of [ORDERS, NOTIFICATIONS, REJECTIONS]) await prepareCollection(database, plan, log)
    if (!isSideBySide(rejections)) await dropOldRejections(database)
  })
}

const noLog: ProgressLog = { info: () => undefined }

/**
 * Connects, and creates collections, fields and indexes before anything else happens. `log` is told of what takes long.
 * @throws when the database cannot be reached or an index cannot be made
 */
export async function openDatabase(uri: string, log: ProgressLog = noLog): Promise<Database> {
  const api = await keepConnection(uri)
  const close = [api.close]
  try {
    const notifications = await keepConnection(uri)
    close.push(notifications.close)
    const stores = storesOn(api.connection)
    await prepare(uri, log)
    const clock = await keepDatabaseClock(notifications.connection)
    return {
      ...stores,
      clock,
      notifications: storesOn(notifications.connection),
      catchUp: (leaving) =>
        withoutHurry(uri, async (database) => {
          for (const plan of [ORDERS, NOTIFICATIONS]) await catchUp(database, plan, { log, leaving })
        }),
      async ping() {
        const { db } = notifications.connection
        if (db !== undefined) await inTime(db.admin().ping(), PING_MS)
      },
      async close() {
        clock.stop()
        await Promise.all(close.map((end) => end()))
      },
    }
  } catch (error) {
    await Promise.all(close.map((end) => end()))
    throw error
  }
}
