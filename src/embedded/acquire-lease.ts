import { setTimeout as delay } from 'node:timers/promises'
import { takeLease } from './lease.ts'
import type { Lease } from './lease.ts'

const POLL_MS = 25
const LONGEST_WAIT_MS = 1_000

/** What `acquireLease` needs. */
export interface AcquireOptions {
  /** Where the process that is wanted hands out its leases. */
  readonly controlSocket: string
  /** Starts such a process, and resolves when it serves, or has ended because there is another. */
  readonly start: () => Promise<void>
  /** How long another process may hold the place without letting us in, in milliseconds: it may be just starting. */
  readonly patienceMs: number
  /** What to throw when the patience is at its end. */
  readonly lockedOut: () => Error
}

/**
 * Takes a lease on a process that several share, starting it when there is none. Any number of processes may do this at
 * once: a lock of the started ones lets one start succeed, and the others find that one.
 *
 * @param signal ends the waiting for a process that neither lets us in nor goes
 * @throws what `start` throws, or `lockedOut` when another process keeps the place from us
 */
export async function acquireLease(options: AcquireOptions, signal: AbortSignal): Promise<Lease> {
  const deadline = performance.now() + options.patienceMs
  for (let waitMs = 0; ; waitMs = Math.min(waitMs * 2 + 100, LONGEST_WAIT_MS)) {
    const lease = await takeLeaseWithin(options.controlSocket, waitMs, signal)
    if (lease !== undefined) return lease
    signal.throwIfAborted()
    if (performance.now() > deadline) throw options.lockedOut()
    await options.start()
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
