import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mongoose from 'mongoose'
import type { Connection } from 'mongoose'
import { onTestFinished, vi } from 'vitest'
import { openEmbeddedMongo } from '../embedded-mongo.ts'
import type { EmbeddedMongo } from '../embedded-mongo.ts'

/** How long a test waits for what should come soon, on a busy machine. */
export const PATIENT = { timeout: 20_000 }
const log = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** Makes a directory that goes when the test has finished. */
export async function makeDataDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'paybell-embedded-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }))
  return dir
}

/** Opens the database of a directory as a gateway does, until the test has finished. */
export async function open(dataDir: string, onRestart = (): void => undefined): Promise<EmbeddedMongo> {
  const mongo = await openEmbeddedMongo({ dataDir, log, onRestart })
  onTestFinished(() => mongo.close())
  return mongo
}

/** Connects to a database until the test has finished. */
export async function connectTo({ uri }: EmbeddedMongo): Promise<Connection> {
  const connection = await mongoose.createConnection(uri).asPromise()
  onTestFinished(() => connection.close())
  return connection
}

/** Whether there is a process with this id. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Waits for the end of a process: when its sockets are closed, it may still be a moment away. */
export async function untilGone(pid: number): Promise<void> {
  await vi.waitUntil(() => !isAlive(pid), PATIENT)
}

/** Another gateway: a process that opens the database and stays until it is killed. */
export async function startHolder(
  dataDir: string,
): Promise<{ readonly databasePid: number; kill(): Promise<void> }> {
  const source = new URL('../embedded-mongo.ts', import.meta.url)
  const code = `
    const { openEmbeddedMongo } = await import('${source.href}')
    const log = { info() {}, warn() {}, error() {} }
    const mongo = await openEmbeddedMongo({ dataDir: process.argv[1], log, graceMs: 300 })
    console.log(mongo.pid())`
  const args = ['--import', 'tsx', '--input-type=module', '--eval', code, dataDir]
  const holder = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(holder, 'exit')
  const kill = async (): Promise<void> => {
    holder.kill('SIGKILL')
    await exited
  }
  onTestFinished(kill)
  const [line] = await once(holder.stdout, 'data')
  return { databasePid: Number(String(line)), kill }
}
