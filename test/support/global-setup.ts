import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { openEmbeddedMongo } from '../../src/embedded/embedded-mongo.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The engine that all tests share; each takes a database of its own in it. */
    mongodbUri: string
  }
}

const silent = { info() {}, warn() {}, error() {} }

/** One real MongoDB engine for the whole suite: starting one takes longer than most tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'paybell-suite-'))
  const mongo = await openEmbeddedMongo({ dataDir, log: silent })
  project.provide('mongodbUri', mongo.uri)
  return async () => {
    await mongo.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
}
