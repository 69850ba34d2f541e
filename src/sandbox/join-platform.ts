import { fork } from 'node:child_process'
import { extname } from 'node:path'
import { acquireLease } from '../embedded/acquire-lease.ts'
import type { Lease } from '../embedded/lease.ts'
import { openLog } from '../embedded/log-file.ts'
import { shortTempDir } from '../embedded/places.ts'
import { platformPlaces, type PlatformPlaces } from './platform-places.ts'
import { SandboxError } from './sandbox-error.ts'

/** How long the platform stays when its last gateway died without a word, in milliseconds. */
const GRACE_MS = 3000
const PATIENCE_MS = 30_000

const ENTRY = new URL(`platform-process${extname(import.meta.filename)}`, import.meta.url)

/** How a gateway would have its platform. */
export interface PlatformWish {
  readonly dataDir: string
  readonly host: string
  /** The port for a platform that has to be started; one that runs already keeps its own. */
  readonly port: number
  /** See `Config`; the platform's pages are served under its host, too. */
  readonly publicUrl: string | null
}

/**
 * Takes a lease on the simulated platform of a data directory. All gateways that are started with the same directory share
 * one, which is started by the first and ends with the last; its files in `DATA_DIR/sandbox` are complete by then.
 *
 * @throws {SandboxError} when it cannot be started
 */
export async function joinPlatform(wish: PlatformWish): Promise<Lease> {
  const places = await platformPlaces(wish.dataDir)
  const wanted = {
    controlSocket: places.controlSocket,
    start: () => startPlatformProcess(places, wish),
    patienceMs: PATIENCE_MS,
    lockedOut: () =>
      new SandboxError(
        `The sandbox in ${places.folder} is in use by a process that does not answer: end it, or choose another DATA_DIR.`,
      ),
  }
  return acquireLease(wanted, new AbortController().signal)
}

/** In a session of its own, so that neither our end nor Ctrl-C in our terminal is its end. */
async function startPlatformProcess(
  places: PlatformPlaces,
  { dataDir, host, port, publicUrl }: PlatformWish,
): Promise<void> {
  const log = await openLog(places.logFile)
  try {
    const child = fork(ENTRY, [dataDir, host, String(port), String(GRACE_MS), publicUrl ?? ''], {
      detached: true,
      env: { TMPDIR: shortTempDir() },
      stdio: ['ignore', log.fd, log.fd, 'ipc'],
    })
    const reason = await new Promise<string | undefined>((resolve) => {
      child.once('message', (message) => resolve(failureIn(message)))
      child.once('error', (error) => resolve(error.message))
      child.once('exit', () => resolve('it ended before it was ready'))
    })
    child.unref()
    if (reason !== undefined) {
      throw new SandboxError(`The sandbox cannot be started (${reason}): see the end of ${places.logFile}.`)
    }
  } finally {
    await log.close()
  }
}

function failureIn(message: unknown): string | undefined {
  const isFailure = typeof message === 'object' && message !== null && 'reason' in message
  return isFailure ? String(message.reason) : undefined
}
