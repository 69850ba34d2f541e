import { rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { noteOpenedFiles } from './engine-files.ts'
import { openLeaseDesk } from './lease-desk.ts'
import { boundLog } from './log-file.ts'
import { pointAt, touch } from './mongo-socket.ts'
import type { Places } from './places.ts'
import { makePrivateDir } from './private-dir.ts'
import { within } from './within.ts'

const HOUR_MS = 3_600_000

/** How often the engine looks whether another database lies in the place of its own, in milliseconds. */
const WATCH_MS = 500

/** A process that hangs here keeps the next from opening the files, which recover from their journal. */
const CLOSE_TIMEOUT_MS = 30_000

/** The part of an opened engine that is used here. */
export interface OpenEngine {
  /** Where the engine listens now. */
  readonly socketPath: string
  close(): Promise<void>
}

/** What `serveDatabase` needs beside the engine. */
export interface DatabaseOptions {
  readonly places: Places
  /** How long the database stays after the last gateway vanished, in milliseconds. */
  readonly graceMs: number
}

/** A database that gateways can reach. */
export interface ServedDatabase {
  /** Resolves once nobody needs the database and the engine has closed its files, or hung for 30 seconds over it. */
  readonly stopped: Promise<void>
  /** Closes the engine when the last gateway has left, and after `maxWaitMs` milliseconds at the latest. */
  stop(maxWaitMs: number): void
}

/**
 * Puts an opened engine where gateways find it, for as long as any of them holds a lease. The engine's lock on its files
 * makes this the only process to do so: whatever is at the places is put there after the lock was had, and removed before
 * it is given back.
 */
export async function serveDatabase(engine: OpenEngine, options: DatabaseOptions): Promise<ServedDatabase> {
  const { places, graceMs } = options
  const unused = new AbortController()
  const whenUnused = new Promise((resolve) => unused.signal.addEventListener('abort', resolve))
  await makePrivateDir(places.socketDir)
  const areReplaced = await noteOpenedFiles(places)
  await pointAt(places.mongoSocket, engine.socketPath)
  await writeUri(places)
  const desk = await openLeaseDesk({
    path: places.controlSocket,
    graceMs,
    onUnused: () => unused.abort(),
  })
  const upkeep = setInterval(() => void keepUp(engine, places), HOUR_MS)
  const watch = setInterval(() => dieIf(areReplaced), WATCH_MS)
  const stopWhenUnused = async (): Promise<void> => {
    await whenUnused
    clearInterval(upkeep)
    clearInterval(watch)
    desk.close()
    await removeTraces(places)
    dieIf(areReplaced)
    await within(engine.close(), CLOSE_TIMEOUT_MS)
  }
  const stop = (maxWaitMs: number): void => {
    setTimeout(() => unused.abort(), desk.holderCount() === 0 ? 0 : maxWaitMs)
  }
  return { stopped: stopWhenUnused(), stop }
}

/**
 * The engine writes its next checkpoint, also that of closing, by the paths of its files: into another database, which may be
 * a backup that was put in the place of this one. What was acknowledged is in the journal of the files that were moved away.
 */
function dieIf(areReplaced: () => boolean): void {
  if (areReplaced()) process.kill(process.pid, 'SIGKILL')
}

/** Written aside and moved into place, so that a reader never sees half of it. */
async function writeUri({ uri, uriFile }: Places): Promise<void> {
  await writeFile(`${uriFile}.new`, `${uri}\n`, { mode: 0o600 })
  await rename(`${uriFile}.new`, uriFile)
}

async function keepUp({ socketPath }: OpenEngine, places: Places): Promise<void> {
  const { mongoSocket, controlSocket, openedFiles, socketDir } = places
  await touch([dirname(socketPath), socketPath, mongoSocket, controlSocket, openedFiles, socketDir])
  await boundLog(places.logFile).catch(() => undefined)
}

async function removeTraces({ uriFile, mongoSocket, openedFiles, socketDir }: Places): Promise<void> {
  await rm(uriFile, { force: true })
  await rm(mongoSocket, { force: true })
  await rm(openedFiles, { force: true })
  await rmdir(socketDir).catch(() => undefined)
}
