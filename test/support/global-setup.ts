import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { openEmbeddedMongo } from '../../src/embedded/embedded-mongo.ts'
import { chromiumPath } from './chromium.ts'
import { lookInto } from './database.ts'
import { hasRedis } from './redis.ts'
import { canMountDisk } from './small-disk.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The engine that all tests share; each takes a database of its own in it. */
    mongodbUri: string
  }
}

const silent = { info() {}, warn() {}, error() {} }

const SKIPPED: readonly (readonly [isSkipped: boolean, sentence: string])[] = [
  [
    chromiumPath === undefined,
    'the journeys in a real browser: no Chromium was found (Debian: apt-get install chromium)',
  ],
  [!hasRedis, 'the journeys with Redis: no redis-server was found (Debian: apt-get install redis-server)'],
  [!canMountDisk, 'the journey with a full disk: no small disk could be mounted (on Linux, root may do so)'],
  [
    !existsSync(join(import.meta.dirname, '../../../shared/protocol/vectors')),
    'the published test vectors: the folder ../shared/protocol/vectors is not here',
  ],
]

/**
 * A test's database has about 28 files, and the engine keeps them open, also when they were dropped, for longer than a run
 * takes: 17,500 at its end, where the limit may be 20,000. With this, files that nobody uses are closed within seconds once
 * they are written, which the engine does every minute.
 */
const CLOSES_IDLE_FILES = 'file_manager=(close_idle_time=5,close_scan_interval=5)'

/** One real MongoDB engine for the whole suite: starting one takes longer than most tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  for (const [isSkipped, sentence] of SKIPPED) {
    if (isSkipped) process.stdout.write(`Skipped: ${sentence}.\n`)
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'paybell-suite-'))
  const mongo = await openEmbeddedMongo({ dataDir, log: silent })
  await lookInto(mongo.uri, (database) =>
    database.admin().command({ setParameter: 1, wiredTigerEngineRuntimeConfig: CLOSES_IDLE_FILES }),
  )
  project.provide('mongodbUri', mongo.uri)
  return async () => {
    await mongo.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
}
