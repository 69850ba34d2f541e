import { expect, test, vi } from 'vitest'
import { EmbeddedMongoError } from './embedded-mongo-error.ts'
import { keepLease } from './keep-lease.ts'
import type { Log } from './keep-lease.ts'
import type { Lease } from './lease.ts'

interface MortalLease extends Lease {
  die(): void
}

function mortalLease(pid: number): MortalLease {
  const death = new AbortController()
  const ended = new Promise<true>((resolve) => death.signal.addEventListener('abort', () => resolve(true)))
  return { pid, ended, die: () => death.abort(), release: vi.fn<Lease['release']>(async () => true) }
}

/** Lends what is listed, one after the other; throws the errors among it. */
function lender(...outcomes: (Lease | Error)[]) {
  const pauses: number[] = []
  return {
    pauses,
    log: { info: vi.fn<Log['info']>(), warn: vi.fn<Log['warn']>(), error: vi.fn<Log['error']>() },
    onRestart: vi.fn<() => void>(),
    pause: async (ms: number) => void pauses.push(ms),
    acquire: async (signal: AbortSignal): Promise<Lease> => {
      const outcome = outcomes.shift()
      if (outcome instanceof Error) throw outcome
      return outcome ?? new Promise((_, reject) => signal.addEventListener('abort', reject))
    },
  }
}

test('a lost lease is replaced at once, and the log says so', async () => {
  const first = mortalLease(1)
  const keeping = lender(first, mortalLease(2))
  const kept = await keepLease(keeping)
  first.die()
  await expect.poll(() => keeping.onRestart.mock.calls.length).toBe(1)
  expect(kept.pid()).toBe(2)
  expect(keeping.pauses).toEqual([0])
  expect(keeping.log.warn.mock.calls).toEqual([[{ pid: 1 }, 'the embedded MongoDB died; starting it again']])
  expect(keeping.log.info.mock.calls).toEqual([[{ pid: 2 }, 'the embedded MongoDB serves again']])
})

test('a database that keeps failing is started again ever more slowly', async () => {
  const first = mortalLease(1)
  const failures = Array.from({ length: 8 }, () => new EmbeddedMongoError('The disk is full.'))
  const keeping = lender(first, ...failures, mortalLease(2))
  await keepLease(keeping)
  first.die()
  await expect.poll(() => keeping.onRestart.mock.calls.length).toBe(1)
  expect(keeping.pauses).toEqual([0, 100, 200, 400, 800, 1600, 3200, 5000, 5000])
  expect(keeping.log.error).toHaveBeenCalledTimes(8)
  expect(keeping.log.error.mock.lastCall).toEqual([
    { reason: 'The disk is full.' },
    'the embedded MongoDB does not start; trying again',
  ])
})

test('a database that dies again soon is started again more slowly', async () => {
  const leases = [1, 2, 3, 4].map(mortalLease)
  const keeping = lender(...leases)
  await keepLease(keeping)
  for (const [deaths, lease] of leases.slice(0, 3).entries()) {
    lease.die()
    await expect.poll(() => keeping.onRestart.mock.calls.length).toBe(deaths + 1)
  }
  expect(keeping.pauses).toEqual([0, 100, 200])
})

test('closing gives the lease back and starts nothing any more', async () => {
  const lease = mortalLease(1)
  const keeping = lender(lease, mortalLease(2))
  const kept = await keepLease(keeping)
  await kept.close()
  lease.die()
  expect(lease.release).toHaveBeenCalledOnce()
  expect(keeping.pauses).toEqual([])
  expect(keeping.log.warn).not.toHaveBeenCalled()
})

test('closing while the database is being started again ends the attempt in silence', async () => {
  const lease = mortalLease(1)
  const keeping = lender(lease)
  const kept = await keepLease(keeping)
  lease.die()
  await expect.poll(() => keeping.pauses.length).toBe(1)
  await kept.close()
  expect(keeping.log.error).not.toHaveBeenCalled()
  expect(keeping.onRestart).not.toHaveBeenCalled()
})

test('a database that takes too long to stop is told of', async () => {
  const lease = { ...mortalLease(1), release: async () => false }
  const keeping = lender(lease)
  const kept = await keepLease(keeping)
  await kept.close()
  expect(keeping.log.warn.mock.calls).toEqual([
    [{ pid: 1 }, 'the embedded MongoDB is still closing its files'],
  ])
})
