import { access, constants, mkdir, realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { acquireLease } from './acquire-lease.ts'
import type { AcquireOptions } from './acquire-lease.ts'
import { EmbeddedMongoError, MONGODB_URI_ADVICE, reasonOf } from './embedded-mongo-error.ts'
import { watchFiles, type FilesWatch } from './engine-files.ts'
import { keepLease } from './keep-lease.ts'
import type { KeptLease, Log } from './keep-lease.ts'
import { placesOf, shortTempDir } from './places.ts'
import type { Lease } from './lease.ts'
import { makePrivateDir } from './private-dir.ts'
import { startDatabase } from './start-database.ts'
import type { StartOptions } from './start-database.ts'

const GRACE_MS = 3_000
const PATIENCE_MS = 30_000
const RELEASE_MS = 5_000

/** What `openEmbeddedMongo` needs. */
export interface EmbeddedMongoOptions {
  /** Directory for the database, its log and its URI; made when it is not there. */
  readonly dataDir: string
  readonly log: Log
  /** Called when the database process had died and serves again, under the same URI. */
  readonly onRestart?: () => void
  /**
   * Directory for the copy of the engine that an older glibc needs (36 MB).
   *
   * @default `~/.cache/paybell`, or one in the temporary directory where there is no such home
   */
  readonly cacheDir?: string
  /**
   * How long the database stays when its last gateway died without a word, in milliseconds.
   *
   * @default 3_000
   */
  readonly graceMs?: number
}

/** The embedded MongoDB, as one gateway holds it. Connections to it are to be closed before it is. */
export interface EmbeddedMongo extends KeptLease {
  /** Connection string for any driver; stays the same over restarts. Writes with it are in the journal when answered. */
  readonly uri: string
  /** See `FilesWatch`; to be asked after a write and before it is acknowledged. */
  isIntact(): boolean
}

/**
 * Opens the embedded MongoDB of a data directory. All processes of one user that open the same directory share one
 * database process, which survives each of them and stops when the last has gone. Should it die, it is started again.
 *
 * @throws {EmbeddedMongoError} when the machine cannot run it, or the directory cannot be used; the message is a sentence
 */
export async function openEmbeddedMongo(options: EmbeddedMongoOptions): Promise<EmbeddedMongo> {
  const { log, graceMs = GRACE_MS, onRestart = () => undefined } = options
  const tempDir = shortTempDir()
  const places = placesOf(await makeDataDir(options.dataDir), tempDir)
  await makePrivateDir(places.userDir)
  const cacheDirs = [options.cacheDir ?? join(homedir(), '.cache', 'paybell'), join(places.userDir, 'cache')]
  const wanted = databaseWanted({ places, tempDir, graceMs, cacheDirs }, PATIENCE_MS)
  const files = watchFiles(places, log)
  const acquire = (signal: AbortSignal): Promise<Lease> => acquireOnFiles(wanted, files, signal)
  const lease = await keepLease({ acquire, log, onRestart })
  return { uri: places.uri, isIntact: files.isIntact, ...lease }
}

/**
 * Takes a lease on an engine that has opened the files which this gateway knows. No engine is started while they are not in
 * place: it would make a new, empty database, without indexes, and the gateway would go on with it as if nothing had happened.
 * @throws {EmbeddedMongoError} when the engine that serves has opened other files than those that lie in the directory
 */
async function acquireOnFiles(
  wanted: AcquireOptions,
  files: FilesWatch,
  signal: AbortSignal,
): Promise<Lease> {
  await files.untilInPlace(signal)
  const lease = await acquireLease(wanted, signal)
  if (files.noteEngine()) return lease
  await lease.release(RELEASE_MS)
  throw new EmbeddedMongoError(files.loss)
}

/** How to come by a lease on the database process of a data directory; the engine's lock on its files lets one win. */
export function databaseWanted(options: StartOptions, patienceMs: number): AcquireOptions {
  const { controlSocket, databaseDir } = options.places
  return {
    controlSocket,
    start: () => startDatabase(options),
    patienceMs,
    lockedOut: () =>
      new EmbeddedMongoError(
        `The files in ${databaseDir} are open in another process that cannot be shared from here (another user's, or ` +
          `in another container): end it, choose another DATA_DIR, or ${MONGODB_URI_ADVICE}.`,
      ),
  }
}

/** Makes the directory and its part for the engine, and answers its path without symbolic links. */
async function makeDataDir(dataDir: string): Promise<string> {
  try {
    await mkdir(join(dataDir, 'mongodb'), { recursive: true, mode: 0o700 })
    const real = await realpath(dataDir)
    for (const dir of [real, join(real, 'mongodb')]) {
      await access(dir, constants.R_OK | constants.W_OK | constants.X_OK)
    }
    return real
  } catch (error) {
    throw new EmbeddedMongoError(
      `The data directory ${dataDir} cannot be used (${reasonOf(error)}): let this user write there, or choose another ` +
        'with DATA_DIR.',
      { cause: error },
    )
  }
}
