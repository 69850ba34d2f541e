import { readFileSync, readdirSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { EmbeddedMongoError } from './embedded-mongo-error.ts'
import type { Log } from './keep-lease.ts'
import type { Places } from './places.ts'

/** In the folder of every engine from its first start on; it has all of them open and never replaces one. */
const LASTING = ['.', 'WiredTiger.lock', 'WiredTiger.wt', '_mdb_catalog.wt', 'journal'] as const

const JOURNAL_FILE = /^WiredTigerLog\.\d+$/

const LOOK_MS = 500

/** Looks which files are in a folder: device and inode of each; undefined when one of them cannot be seen. */
function inodesIn(databaseDir: string): () => string | undefined {
  const paths = LASTING.map((name) => join(databaseDir, name))
  const journalDir = join(databaseDir, 'journal')
  function look(): string | undefined {
    let inodes = ''
    for (const path of paths) {
      const status = statSync(path, { throwIfNoEntry: false })
      if (status === undefined) return undefined
      inodes += `${status.dev}:${status.ino} `
    }
    // The engine moves on to another file of its journal now and then, and removes those that it needs no more.
    return readdirSync(journalDir).some((name) => JOURNAL_FILE.test(name)) ? inodes : undefined
  }
  return () => {
    try {
      return look()
    } catch {
      return undefined
    }
  }
}

/** The inodes, and when the database was made: a new database can have the inodes of one that was removed. */
function filesOf(databaseDir: string): string | undefined {
  const inodes = inodesIn(databaseDir)()
  return inodes && `${inodes}${statSync(join(databaseDir, 'WiredTiger')).mtimeMs}`
}

/**
 * Writes down for the gateways which files an engine has opened.
 * @returns tells whether the files of another database have taken their place
 * @throws {EmbeddedMongoError} when they are gone already
 */
export async function noteOpenedFiles({ databaseDir, openedFiles }: Places): Promise<() => boolean> {
  const files = filesOf(databaseDir)
  if (files === undefined) throw new EmbeddedMongoError(`The files in ${databaseDir} vanished at the start.`)
  await writeFile(openedFiles, files, { mode: 0o600 })
  const inodesNow = inodesIn(databaseDir)
  return () => {
    const inodes = inodesNow()
    return inodes !== undefined && !files.startsWith(inodes)
  }
}

/** An engine of a version before has written down nothing; then what is there is believed to be its own. */
function readOpenedFiles({ databaseDir, openedFiles }: Places): string | undefined {
  try {
    return readFileSync(openedFiles, 'utf8')
  } catch {
    return filesOf(databaseDir)
  }
}

/** What happened to the files, and what to do about it. */
function lossOf(databaseDir: string): string {
  return (
    `The files of the running embedded MongoDB are no longer in ${databaseDir}: they were removed, moved or replaced. ` +
    'Nothing is acknowledged until they are back. Move the same folder back, or stop every gateway of this DATA_DIR, ' +
    'restore the folder from a backup or begin with an empty one, and start again: the platform repeats each notification ' +
    'that was not acknowledged.'
  )
}

/** Watches whether the files of the database are those that the engine has open. */
export interface FilesWatch {
  /**
   * Notes what the engine has opened that serves from now on; the first time counts for good.
   * @returns false when that is not what lies in the folder
   */
  noteEngine(): boolean
  /**
   * False when the folder or the files in it are not those of the first engine, or the engine that serves has opened others:
   * then what is written is lost with the engine's process. Takes 20 microseconds. A change is logged, once.
   */
  isIntact(): boolean
  /** What a loss of the files is, and what to do about it: for operators. */
  readonly loss: string
  /** Resolves when the files of the first engine are in place: at once as a rule, and before there was an engine. */
  untilInPlace(signal: AbortSignal): Promise<void>
}

/** Nothing is known about the files before the first engine was noted. */
export function watchFiles(places: Places, log: Log): FilesWatch {
  const { databaseDir } = places
  let first: string | undefined
  let serving: string | undefined
  let wasIntact = true
  const inodesNow = inodesIn(databaseDir)
  const loss = lossOf(databaseDir)

  function areInPlace(): boolean {
    const inodes = inodesNow()
    return inodes !== undefined && first?.startsWith(inodes) === true
  }
  function isDisplaced(): boolean {
    return first !== undefined && !areInPlace()
  }

  return {
    loss,
    noteEngine() {
      serving = readOpenedFiles(places)
      first ??= serving
      return serving === first && areInPlace()
    },
    isIntact() {
      const isIntact = serving === first && areInPlace()
      if (!isIntact && wasIntact) log.error({ databaseDir }, loss)
      if (isIntact && !wasIntact) log.info({ databaseDir }, 'The files of the embedded MongoDB are back.')
      wasIntact = isIntact
      return isIntact
    },
    async untilInPlace(signal) {
      while (isDisplaced()) await delay(LOOK_MS, undefined, { signal })
    },
  }
}
