import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { acquireLease } from './acquire-lease.ts'
import type { AcquireOptions } from './acquire-lease.ts'
import { databaseWanted } from './embedded-mongo.ts'
import { EmbeddedMongoError } from './embedded-mongo-error.ts'
import type { Lease } from './lease.ts'
import { placesOf, shortTempDir } from './places.ts'

async function makeDir(): Promise<string> {
  const dir = await realpath(await mkdtemp(join(shortTempDir(), 'paybell-lease-')))
  onTestFinished(() => rm(dir, { recursive: true, maxRetries: 5, retryDelay: 100 }))
  return dir
}

/** Processes with different directories for their sockets are out of each other's reach. */
function optionsFor(dataDir: string, tempDir: string, patienceMs = 100): AcquireOptions {
  const cacheDirs = [join(homedir(), '.cache', 'paybell'), join(tempDir, 'cache')]
  return databaseWanted(
    { places: placesOf(dataDir, tempDir), tempDir, graceMs: 10_000, cacheDirs },
    patienceMs,
  )
}

async function acquire(options: AcquireOptions, signal = new AbortController().signal): Promise<Lease> {
  const lease = await acquireLease(options, signal)
  onTestFinished(async () => void (await lease.release(5_000)))
  return lease
}

test('files that a process out of reach has open are given up in a sentence', async () => {
  const dataDir = await makeDir()
  await acquire(optionsFor(dataDir, await makeDir()))
  const attempt = acquire(optionsFor(dataDir, await makeDir()))
  await expect(attempt).rejects.toThrow(EmbeddedMongoError)
  await expect(attempt).rejects.toThrow(
    /^The files in \S+ are open in another process [^\n]* set MONGODB_URI [^\n]*\.$/,
  )
})

test('files that another process closes in time are opened then', async () => {
  const dataDir = await makeDir()
  const first = await acquire(optionsFor(dataDir, await makeDir()))
  const waiting = acquire(optionsFor(dataDir, await makeDir(), 20_000))
  await first.release(5_000)
  expect((await waiting).pid).not.toBe(first.pid)
})

test('the wait for another process ends when it is told to', async () => {
  const dataDir = await makeDir()
  await acquire(optionsFor(dataDir, await makeDir()))
  const stop = new AbortController()
  const waiting = acquire(optionsFor(dataDir, await makeDir(), 20_000), stop.signal)
  stop.abort()
  await expect(waiting).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
})
