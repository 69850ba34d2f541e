import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openEmbeddedMongo, type EmbeddedMongoOptions } from '../../src/embedded/embedded-mongo.ts'

const silent = { info() {}, warn() {}, error() {} }

/** An engine that stands still could not even be closed; one that has died needs nothing. */
function letGoOn(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT')
  } catch {
    // There is no such process any more.
  }
}

/** An engine that only this test has, so that it may be stopped and killed; in a folder of `parent`. It goes on when the test ends. */
export async function ownEngine(parent = tmpdir(), log: EmbeddedMongoOptions['log'] = silent) {
  const dataDir = await mkdtemp(join(parent, 'paybell-engine-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }))
  const engine = await openEmbeddedMongo({ dataDir, log })
  onTestFinished(async () => {
    letGoOn(engine.pid())
    await engine.close()
  })
  return { ...engine, dataDir }
}
