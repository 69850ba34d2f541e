import { setTimeout as delay } from 'node:timers/promises'
import { EmbeddedMongoError, MONGODB_URI_ADVICE } from './embedded-mongo-error.ts'
import { takeLease } from './lease.ts'
import type { Lease } from './lease.ts'
import { startDatabase } from './start-database.ts'
import type { StartOptions } from './start-database.ts'

const POLL_MS = 25
const LONGEST_WAIT_MS = 1_000

/** What `acquireLease` needs. */
export interface AcquireOptions extends StartOptions {
  /** How long another process may hold the files without letting us in, in milliseconds: it may be just starting. */
  readonly patienceMs: number
}

/**
 * Takes a lease on the database of a data directory, starting its process when there is none. Any number of processes may
 * do this at once: the engine's lock on its files lets one start succeed, and the others find that one.
 *
 * @param signal ends the waiting for a process that neither lets us in nor goes
 * @throws {EmbeddedMongoError} when the database cannot be opened here, or another process keeps it from us
 */
export async function acquireLease(options: AcquireOptions, signal: AbortSignal): Promise<Lease> {
  const deadline = performance.now() + options.patienceMs
  for (let waitMs = 0; ; waitMs = Math.min(waitMs * 2 + 100, LONGEST_WAIT_MS)) {
    const lease = await takeLeaseWithin(options.places.controlSocket, waitMs, signal)
    if (lease !== undefined) return lease
    signal.throwIfAborted()
    if (performance.now() > deadline) throw lockedOut(options.places.databaseDir)
    await startDatabase(options)
  }
}

/** Looks often, because that costs nothing beside starting a process that finds the files locked. */
async function takeLeaseWithin(
  socket: string,
  waitMs: number,
  signal: AbortSignal,
): Promise<Lease | undefined> {
  const deadline = performance.now() + waitMs
  for (;;) {
    const lease = await takeLease(socket)
    if (lease !== undefined || performance.now() >= deadline) return lease
    await delay(POLL_MS, undefined, { signal })
  }
}

function lockedOut(databaseDir: string): EmbeddedMongoError {
  return new EmbeddedMongoError(
    `The files in ${databaseDir} are open in another process that cannot be shared from here (another user's, or in ` +
      `another container): end it, choose another DATA_DIR, or ${MONGODB_URI_ADVICE}.`,
  )
}
