import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { openEmbeddedMongo } from '../../src/embedded/embedded-mongo.ts'
import { chromiumPath } from './chromium.ts'
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

/** One real MongoDB engine for the whole suite: starting one takes longer than most tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  for (const [isSkipped, sentence] of SKIPPED) {
    if (isSkipped) process.stdout.write(`Skipped: ${sentence}.\n`)
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'paybell-suite-'))
  const mongo = await openEmbeddedMongo({ dataDir, log: silent })
  project.provide('mongodbUri', mongo.uri)
  return async () => {
    await mongo.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
}
