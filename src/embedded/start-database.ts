import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createRequire } from 'node:module'
import { extname, join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { EmbeddedMongoError, reasonOf } from './embedded-mongo-error.ts'
import { openLog } from './log-file.ts'
import type { Places } from './places.ts'
import { parseReport } from './start-report.ts'

/** The child's file descriptor for its report. */
const REPORT_FD = 3

const NODE_FAILED = 'exit code 1'

/** What a database process is started with. */
export interface StartOptions {
  readonly places: Places
  /** Directory in which sockets can be made, see `shortTempDir`. */
  readonly tempDir: string
  /** How long the database stays after the last gateway vanished, in milliseconds. */
  readonly graceMs: number
  /** Directories for a copy of the engine that suits an older glibc, best first. */
  readonly cacheDirs: readonly string[]
}

/**
 * Starts a database process and waits until it serves, or has ended because another process has the database open. The
 * process is on its own then: in a session of its own, so that neither our end nor Ctrl-C in our terminal is its end, and
 * with none of our environment, which holds secrets.
 *
 * @throws {EmbeddedMongoError} when the database cannot be opened here
 */
export async function startDatabase(options: StartOptions): Promise<void> {
  const { places, tempDir, graceMs, cacheDirs } = options
  const log = await openLog(places.logFile)
  try {
    const args = [places.dataDir, tempDir, String(graceMs), ...cacheDirs]
    const child = spawn(process.execPath, [...entry(), ...args], {
      detached: true,
      cwd: '/',
      env: { TMPDIR: tempDir },
      stdio: ['ignore', log.fd, log.fd, 'pipe'],
    })
    await awaitReport(child, places)
  } finally {
    await log.close()
  }
}

/** Beside this file lies the entry in the same language: TypeScript in the source, JavaScript in the build. */
function entry(): readonly string[] {
  const extension = extname(import.meta.filename)
  const file = join(import.meta.dirname, `child${extension}`)
  if (extension !== '.ts') return [file]
  // `import.meta.resolve` would be shorter, but not every loader that runs this source has it.
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm')).href
  return ['--import', loader, file]
}

async function awaitReport(child: ChildProcess, places: Places): Promise<void> {
  const end = describeEnd(child)
  const report = parseReport(await readReport(child))
  if (report === undefined) throw new EmbeddedMongoError(describeSilence(await end, places))
  child.unref()
  if (report.kind === 'failed') throw new EmbeddedMongoError(report.reason)
}

async function readReport({ stdio }: ChildProcess): Promise<string> {
  const pipe = stdio[REPORT_FD]
  return pipe instanceof Readable ? text(pipe).catch(() => '') : ''
}

/** The engine ends its process without a word when it cannot go on; Node.js puts what it has to say into the log. */
function describeSilence(end: string, { databaseDir, logFile }: Places): string {
  const why =
    end === NODE_FAILED
      ? `see the end of ${logFile}`
      : 'its files may be damaged or belong to another user, or the disk may be full'
  return `The embedded MongoDB gave up opening ${databaseDir} (${end}): ${why}.`
}

function describeEnd(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(reasonOf(error)))
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
  })
}
