import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openEmbeddedMongo, type EmbeddedMongo } from '../../src/embedded/embedded-mongo.ts'

const silent = { info() {}, warn() {}, error() {} }

/** An engine that only this test has, so that it may be stopped and killed; in a folder of `parent`. It goes on when the test ends. */
export async function ownEngine(parent = tmpdir()): Promise<EmbeddedMongo> {
  const dataDir = await mkdtemp(join(parent, 'paybell-engine-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }))
  const engine = await openEmbeddedMongo({ dataDir, log: silent })
  onTestFinished(async () => {
    // An engine that stands still could not even be closed.
    process.kill(engine.pid(), 'SIGCONT')
    await engine.close()
  })
  return engine
}
