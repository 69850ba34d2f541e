import { createHash } from 'node:crypto'
import { accessSync, constants } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const SHORT_TEMP_DIR = '/tmp'

/** A client that says nothing of durability gets writes that a crash does not lose; see `askForJournal` for `w=1`. */
const CONNECTION_OPTIONS = 'directConnection=true&w=1&journal=true'

/** Where everything of one embedded database is; the same for every process that is given the same directory. */
export interface Places {
  /** The directory that the gateway was given. */
  readonly dataDir: string
  /** The engine's own files. */
  readonly databaseDir: string
  /** What the database process has to say; small. */
  readonly logFile: string
  /** Holds the URI while the database runs. */
  readonly uriFile: string
  /** Holds the sockets of all databases of this user; open to this user alone. */
  readonly userDir: string
  /** Holds the two sockets of this database, and `openedFiles`. */
  readonly socketDir: string
  /** Where gateways hold their leases. */
  readonly controlSocket: string
  /** Says which files the database process has opened. */
  readonly openedFiles: string
  /** Where drivers connect. */
  readonly mongoSocket: string
  /** What drivers are given; names the database `paybell`, and asks for durable writes. */
  readonly uri: string
}

/**
 * Works out the places for a data directory. The sockets are not in it, because a socket's path may have 107 bytes
 * only; their names come from its path, so that the URI outlives the process that serves it.
 *
 * @param dataDir absolute and free of symbolic links
 * @param tempDir see `shortTempDir`
 */
export function placesOf(dataDir: string, tempDir: string): Places {
  const userDir = join(tempDir, `paybell-${process.getuid?.() ?? 'user'}`)
  const socketDir = join(userDir, createHash('sha256').update(dataDir).digest('hex').slice(0, 16))
  const mongoSocket = join(socketDir, 'mongodb.sock')
  return {
    dataDir,
    databaseDir: join(dataDir, 'mongodb'),
    logFile: join(dataDir, 'mongodb.log'),
    uriFile: join(dataDir, 'mongodb.uri'),
    userDir,
    socketDir,
    controlSocket: join(socketDir, 'control.sock'),
    openedFiles: join(socketDir, 'files'),
    mongoSocket,
    uri: `mongodb://${encodeURIComponent(mongoSocket)}/paybell?${CONNECTION_OPTIONS}`,
  }
}

/**
 * The temporary directory for sockets: `/tmp` wherever it can be written, whatever TMPDIR says, because processes with
 * different environments have to meet there and because the path has to be short.
 */
export function shortTempDir(): string {
  try {
    accessSync(SHORT_TEMP_DIR, constants.W_OK)
    return SHORT_TEMP_DIR
  } catch {
    return tmpdir()
  }
}
