/**
 * Entry of the process that runs the simulated platform for all gateways of one data directory. It outlives each of them
 * and ends with the last. Its arguments are the data directory, the host, the port that it should listen on, the time
 * of grace in milliseconds, and the gateway's public URL, empty when there is none. Its parent is told in one message what became of the start.
 */
import { rmdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { openLeaseDesk } from '../embedded/lease-desk.ts'
import { makePrivateDir } from '../embedded/private-dir.ts'
import type { StartReport } from '../embedded/start-report.ts'
import { platformPlaces } from './platform-places.ts'
import { takeLock } from './process-lock.ts'
import { startPlatform } from './simulated-platform.ts'

const [dataDir = '', host = '', port = '', graceMs = '', publicUrl = ''] = process.argv.slice(2)

/** Whoever started this process may be gone by now, which is no reason to stop: others may come. */
function report(outcome: StartReport): void {
  if (!process.connected) return
  process.send?.(outcome, () => {
    if (process.connected) process.disconnect()
  })
}

async function run(): Promise<void> {
  const { folder, socketDir, lockSocket, controlSocket } = await platformPlaces(dataDir)
  await makePrivateDir(dirname(socketDir))
  await makePrivateDir(socketDir)
  const lock = await takeLock(lockSocket)
  if (lock === undefined) return report({ kind: 'locked' })
  const platform = await startPlatform({ folder, host, port: Number(port), publicUrl })
  const unused = new AbortController()
  const desk = await openLeaseDesk({
    path: controlSocket,
    graceMs: Number(graceMs),
    onUnused: () => unused.abort(),
  })
  process.on('SIGTERM', () => unused.abort())
  report({ kind: 'ready' })
  const whenUnused = new Promise((resolve) => unused.signal.addEventListener('abort', resolve))
  await Promise.race([whenUnused, platform.ended])
  desk.close()
  await platform.close()
  await lock.release()
  await rmdir(socketDir).catch(() => undefined)
}

function fail(error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error)
  process.stderr.write(`${new Date().toISOString()} ${reason}\n`)
  report({ kind: 'failed', reason })
  process.exitCode = 1
}

// The terminal's signals are for the gateways; this process goes when they have gone.
process.on('SIGINT', () => undefined)
process.on('SIGHUP', () => undefined)
await run().catch(fail)
if (process.connected) await new Promise((resolve) => process.once('disconnect', resolve))
process.exit()
