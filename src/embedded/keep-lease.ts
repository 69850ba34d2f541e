import { setTimeout as delay } from 'node:timers/promises'
import { reasonOf } from './embedded-mongo-error.ts'
import type { Lease } from './lease.ts'
import { within } from './within.ts'

const CLOSE_TIMEOUT_MS = 5_000
const STABLE_AFTER_MS = 10_000
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5_000

/** Where the embedded database's affairs are told; a pino logger is one. */
export interface Log {
  info(context: object, message: string): void
  warn(context: object, message: string): void
  error(context: object, message: string): void
}

/** What `keepLease` needs. */
export interface LeaseKeeping {
  /** Takes a lease, starting the database if it must; rejects when it cannot, or when the signal says so. */
  readonly acquire: (signal: AbortSignal) => Promise<Lease>
  readonly log: Log
  /** Called when a lost lease has been replaced. */
  readonly onRestart: () => void
  /** Lets time pass, in milliseconds, until the signal says otherwise; a test has a faster one. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>
}

/** A lease that is replaced whenever it is lost. */
export interface KeptLease {
  /** Process id of the database as it is now. */
  pid(): number
  /** Gives the lease back; resolves when the database has stopped, should nobody else need it, or after 5 seconds. */
  close(): Promise<void>
}

/**
 * Keeps a lease for good: when the database process dies, it is started again at once, and more and more slowly (up to
 * every 5 seconds) while it keeps dying or cannot be opened.
 */
export async function keepLease(keeping: LeaseKeeping): Promise<KeptLease> {
  const { acquire, log, onRestart, pause = sleep } = keeping
  const closing = new AbortController()
  const { signal } = closing
  let lease = await acquire(signal)

  async function tryToReplace(pauseMs: number): Promise<boolean> {
    try {
      await pause(pauseMs, signal)
      lease = await acquire(signal)
      return true
    } catch (error) {
      if (!signal.aborted) {
        log.error({ reason: reasonOf(error) }, 'the embedded MongoDB does not start; trying again')
      }
      return false
    }
  }

  async function replaceWheneverLost(): Promise<void> {
    const closed = new Promise((resolve) => signal.addEventListener('abort', resolve))
    let pauseMs = 0
    for (;;) {
      const since = performance.now()
      await Promise.race([lease.ended, closed])
      if (signal.aborted) return
      log.warn({ pid: lease.pid }, 'the embedded MongoDB died; starting it again')
      if (performance.now() - since > STABLE_AFTER_MS) pauseMs = 0
      while (!signal.aborted && !(await tryToReplace(pauseMs))) pauseMs = longer(pauseMs)
      pauseMs = longer(pauseMs)
      if (signal.aborted) return
      log.info({ pid: lease.pid }, 'the embedded MongoDB serves again')
      onRestart()
    }
  }

  const replacing = replaceWheneverLost()
  return {
    pid: () => lease.pid,
    async close() {
      closing.abort()
      // A lease that is being taken at this moment is given back too, should it even come too late for the caller.
      const released = replacing.then(() => lease.release(CLOSE_TIMEOUT_MS))
      if ((await within(released, CLOSE_TIMEOUT_MS)) === true) return
      log.warn({ pid: lease.pid }, 'the embedded MongoDB is still closing its files')
    },
  }
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal })
}

function longer(pauseMs: number): number {
  return Math.min(Math.max(FIRST_PAUSE_MS, pauseMs * 2), LONGEST_PAUSE_MS)
}
