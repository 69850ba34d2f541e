/**
 * Entry of the database process, the only one that loads the engine's native code. Its arguments are the data directory,
 * the directory for sockets, the time of grace in milliseconds, and the directories for a copy of the engine. It tells
 * file descriptor 3 in one line what became of the start.
 */
import { closeSync, writeSync } from 'node:fs'
import { serveDatabase } from './database.ts'
import type { OpenEngine, ServedDatabase } from './database.ts'
import { EmbeddedMongoError, reasonOf } from './embedded-mongo-error.ts'
import { openEngine } from './engine.ts'
import { placesOf } from './places.ts'
import { formatReport } from './start-report.ts'
import type { StartReport } from './start-report.ts'

const REPORT_FD = 3

/** A service manager signals all processes of a service at once, and the gateways need the database to finish. */
const WAIT_FOR_GATEWAYS_MS = 5_000

const [dataDir = '', tempDir = '', graceMs = '', ...cacheDirs] = process.argv.slice(2)
const places = placesOf(dataDir, tempDir)

async function run(): Promise<void> {
  const engine = await openEngine(places.databaseDir, cacheDirs)
  if (engine === 'locked') {
    report({ kind: 'locked' })
    return
  }
  const database = await serve(engine)
  obeySigterm(database)
  note(`serving ${places.databaseDir}`)
  report({ kind: 'ready' })
  await database.stopped
  note('stopped')
}

async function serve(engine: OpenEngine): Promise<ServedDatabase> {
  try {
    return await serveDatabase(engine, { places, graceMs: Number(graceMs) })
  } catch (error) {
    await engine.close()
    throw error
  }
}

/** The first signal lets the gateways finish, a second does not. */
function obeySigterm(database: ServedDatabase): void {
  let waitMs = WAIT_FOR_GATEWAYS_MS
  process.on('SIGTERM', () => {
    database.stop(waitMs)
    waitMs = 0
  })
}

function fail(error: unknown): void {
  const isSentence = error instanceof EmbeddedMongoError
  const reason = isSentence ? error.message : `The embedded MongoDB cannot be started: ${reasonOf(error)}.`
  note(reason)
  report({ kind: 'failed', reason })
  process.exitCode = 1
}

/** Whoever started this process may be dead by now, which is no reason to stop: others may come. */
function report(outcome: StartReport): void {
  try {
    writeSync(REPORT_FD, formatReport(outcome))
    closeSync(REPORT_FD)
  } catch (error) {
    note(`the starter is gone: ${reasonOf(error)}`)
  }
}

function note(sentence: string): void {
  process.stdout.write(`${new Date().toISOString()} ${process.pid} ${sentence}\n`)
}

// The terminal's signals are for the gateways; this process goes when they have gone.
process.on('SIGINT', () => undefined)
process.on('SIGHUP', () => undefined)
await run().catch(fail)
process.exit()
