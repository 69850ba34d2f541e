import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openLeaseDesk } from './lease-desk.ts'
import type { LeaseDesk } from './lease-desk.ts'

const GRACE_MS = 3_000

interface OpenDesk extends LeaseDesk {
  readonly path: string
  readonly onUnused: () => void
}

/** The sockets are real, the time is not. */
async function openDesk(): Promise<OpenDesk> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const dir = await mkdtemp(join(tmpdir(), 'paybell-desk-'))
  const path = join(dir, 'control.sock')
  const onUnused = vi.fn<() => void>()
  const desk = await openLeaseDesk({ path, graceMs: GRACE_MS, onUnused })
  onTestFinished(async () => {
    desk.close()
    vi.useRealTimers()
    await rm(dir, { recursive: true })
  })
  return { ...desk, path, onUnused }
}

async function takeLease({ path }: OpenDesk): Promise<Socket> {
  const socket = connect(path)
  onTestFinished(() => void socket.destroy())
  const [greeting] = await once(socket, 'data')
  expect(String(greeting)).toBe(`${process.pid}\n`)
  return socket
}

async function vanish(desk: OpenDesk, holder: Socket): Promise<void> {
  const expected = desk.holderCount() - 1
  holder.destroy()
  await untilReal(() => desk.holderCount() === expected)
}

/** Waits over turns of the event loop, because the timers stand still. */
async function untilReal(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve))
}

test('when the last holder vanishes, the database is unused after the grace and not before', async () => {
  const desk = await openDesk()
  const [first, second] = [await takeLease(desk), await takeLease(desk)]
  await vanish(desk, first)
  vi.advanceTimersByTime(GRACE_MS)
  expect(desk.onUnused).not.toHaveBeenCalled()
  await vanish(desk, second)
  vi.advanceTimersByTime(GRACE_MS - 1)
  expect(desk.onUnused).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(desk.onUnused).toHaveBeenCalledOnce()
})

test('who comes within the grace keeps the database', async () => {
  const desk = await openDesk()
  await vanish(desk, await takeLease(desk))
  vi.advanceTimersByTime(GRACE_MS - 1)
  await takeLease(desk)
  vi.advanceTimersByTime(GRACE_MS)
  expect(desk.onUnused).not.toHaveBeenCalled()
})

test('when nobody ever comes, the database is unused after the grace', async () => {
  const desk = await openDesk()
  vi.advanceTimersByTime(GRACE_MS)
  expect(desk.onUnused).toHaveBeenCalledOnce()
})

test('when the last holder takes its leave, the database is unused at once', async () => {
  const desk = await openDesk()
  const holder = await takeLease(desk)
  holder.write('bye\n')
  await untilReal(() => desk.holderCount() === 0)
  expect(desk.onUnused).toHaveBeenCalledOnce()
})

test('a holder that takes its leave while others stay is let go', async () => {
  const desk = await openDesk()
  const [leaver] = [await takeLease(desk), await takeLease(desk)]
  leaver.write('bye\n')
  await once(leaver, 'close')
  expect(desk.holderCount()).toBe(1)
  expect(desk.onUnused).not.toHaveBeenCalled()
})

test('the socket that a dead process left behind does not stand in the way', async () => {
  const desk = await openDesk()
  const next = await openLeaseDesk({ path: desk.path, graceMs: GRACE_MS, onUnused: () => undefined })
  onTestFinished(() => next.close())
  await takeLease(desk)
  expect([desk.holderCount(), next.holderCount()]).toEqual([0, 1])
})

test('a closed desk leaves no socket behind', async () => {
  const desk = await openDesk()
  desk.close()
  expect(await readdir(join(desk.path, '..'))).toEqual([])
})
