import { setTimeout as pause } from 'node:timers/promises'
import mongoose, { type Connection, type ConnectOptions } from 'mongoose'
import { onLostHeartbeat } from './heartbeat.ts'

/**
 * How long one command may wait for a server, for a connection to it, and for its answer, in milliseconds: inside the
 * five seconds that a platform waits for its answer, so that a lost database becomes a 503 and not a time-out. A server
 * that stands still accepts connections and says nothing on them, so that, too, has a limit.
 */
const SERVER_SELECTION_MS = 1500
const CONNECT_MS = 2000
const ANSWER_MS = 4000

/** All of them one after the other, twice, because the driver tries some commands again; for what hangs in the driver. */
export const LONGEST_COMMAND_MS = 2 * (SERVER_SELECTION_MS + CONNECT_MS + ANSWER_MS)

/** How often the driver looks whether the servers are alive, in milliseconds. */
const HEARTBEAT_MS = 2000

/** To connect and to ask each have the time to connect; the rest is for a process that is busy. */
const LOOK_MS = 2 * CONNECT_MS + 500
const REOPEN_PAUSE_MS = 500

/** mongodb://hosts/NAME?options; without a name the driver would use `test`. */
const NAMES_DATABASE = /^mongodb(\+srv)?:\/\/[^/]+\/[^?]+/

function optionsFor(uri: string): ConnectOptions {
  return {
    ...(!NAMES_DATABASE.test(uri) && { dbName: 'paybell' }),
    // An acknowledged write is in the journal of the majority (docs/adr/0003 on what the embedded engine makes of it).
    writeConcern: { w: 'majority', journal: true },
    serverSelectionTimeoutMS: SERVER_SELECTION_MS,
    connectTimeoutMS: CONNECT_MS,
    waitQueueTimeoutMS: CONNECT_MS,
    socketTimeoutMS: ANSWER_MS,
    heartbeatFrequencyMS: HEARTBEAT_MS,
    bufferCommands: false,
    maxPoolSize: 64,
  }
}

/** The options of a connection for work that may take minutes: a command there has no limit of its own. */
export function withoutAnswerLimit(uri: string): ConnectOptions {
  return { ...optionsFor(uri), socketTimeoutMS: 0, maxPoolSize: 2 }
}

/** What an address can say that would break the promise: it has the last word over the options given here. */
function weaknessOf(connection: Connection): string | undefined {
  const { writeConcern, readPreference } = connection.getClient().options
  if (writeConcern?.journal !== true && writeConcern?.j !== true) {
    return 'MONGODB_URI switches the journal off: what is acknowledged could be lost. Leave journal and j out of it.'
  }
  if (readPreference.mode === 'primary') return undefined
  return `MONGODB_URI asks to read from ${readPreference.mode}: what was just written could be missed. Leave it out.`
}

/** A connection that is opened again when the driver loses sight of the server for good. */
export interface KeptConnection {
  readonly connection: Connection
  close(): Promise<void>
}

/**
 * Connects. What is registered on the connection stays on it.
 * @throws when the database cannot be reached
 */
export async function keepConnection(uri: string): Promise<KeptConnection> {
  const options = optionsFor(uri)
  const connection = mongoose.createConnection(uri, options)
  const closing = new AbortController()
  let stopWatching: (() => void) | undefined
  let reopening: Promise<void> = Promise.resolve()

  function watch(): void {
    const patience = { asked: LOOK_MS, awaited: HEARTBEAT_MS + LOOK_MS }
    stopWatching = onLostHeartbeat(connection.getClient(), patience, () => {
      reopening = reopen()
    })
  }
  async function tryToOpen(): Promise<boolean> {
    try {
      await connection.openUri(uri, options)
      return true
    } catch {
      await pause(REOPEN_PAUSE_MS)
      return false
    }
  }
  async function reopen(): Promise<void> {
    stopWatching?.()
    await connection.close()
    let isOpen = false
    while (!isOpen && !closing.signal.aborted) isOpen = await tryToOpen()
    if (!closing.signal.aborted) watch()
  }
  async function close(): Promise<void> {
    closing.abort()
    stopWatching?.()
    await reopening
    await connection.close()
  }

  try {
    await connection.asPromise()
  } catch (error) {
    await close()
    throw error
  }
  const weakness = weaknessOf(connection)
  if (weakness !== undefined) {
    await close()
    throw new Error(weakness)
  }
  watch()
  return { connection, close }
}
