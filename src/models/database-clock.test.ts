import mongoose from 'mongoose'
import { expect, onTestFinished, test, vi } from 'vitest'
import { freshDatabaseUri, lookInto } from '../../test/support/database.ts'
import { keepDatabaseClock } from './database-clock.ts'

const NEVER = 3_600_000
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

/** A clock on this database, as a process of its own would have it. */
async function openClock(uri: string, measureEveryMs = NEVER) {
  const connection = await mongoose.createConnection(uri).asPromise()
  const clock = await keepDatabaseClock(connection, measureEveryMs)
  onTestFinished(async () => {
    clock.stop()
    await connection.close()
  })
  return { clock, connection }
}

/** What the server's clock being set amounts to: forward at once, and back for those who read the later time before. */
async function setForward(uri: string, ms: number): Promise<void> {
  await lookInto(uri, async (database) => {
    const clocks = database.collection<{ _id: string }>('clock')
    await clocks.updateOne({ _id: 'shared' }, [{ $set: { at: { $add: ['$at', ms] } } }])
  })
}

function closeTo(expected: Date): unknown {
  return expect.toSatisfy((time: Date) => Math.abs(time.getTime() - expected.getTime()) < MINUTE_MS / 2)
}

test('all processes read the same time', async () => {
  const uri = freshDatabaseUri()
  const clocks = await Promise.all([openClock(uri), openClock(uri), openClock(uri)])
  const times = clocks.map(({ clock }) => clock.now().getTime())
  expect(Math.max(...times) - Math.min(...times)).toBeLessThan(1000)
})

test('a process that comes after the clock of the server was set back goes on from where the others are', async () => {
  const uri = freshDatabaseUri()
  const { clock } = await openClock(uri)
  await setForward(uri, HOUR_MS)
  const { clock: next } = await openClock(uri)
  expect(next.now()).toEqual(closeTo(new Date(clock.now().getTime() + HOUR_MS)))
})

test('when the clock of the server is set back, the processes that run carry the time on', async () => {
  const uri = freshDatabaseUri()
  const { clock } = await openClock(uri, 20)
  await setForward(uri, HOUR_MS)
  const before = clock.now().getTime()
  await expect.poll(() => clock.now().getTime() - before).toBeGreaterThan(HOUR_MS / 2)
  await lookInto(uri, (database) => database.collection('clock').deleteMany({}))
  const { clock: next } = await openClock(uri, 20)
  await expect.poll(() => next.now()).toEqual(closeTo(clock.now()))
})

test('what the clock read before it was set forward can still be asked for', async () => {
  const uri = freshDatabaseUri()
  const { clock } = await openClock(uri, 20)
  const before = clock.now()
  await setForward(uri, HOUR_MS)
  await expect.poll(() => clock.now().getTime() - before.getTime()).toBeGreaterThan(HOUR_MS / 2)
  expect(clock.ago(MINUTE_MS)).toEqual(closeTo(new Date(before.getTime() - MINUTE_MS)))
})

test('steps of the wall clock of the process do not matter, and a stamp asks the database anew after one', async () => {
  const uri = freshDatabaseUri()
  const { clock } = await openClock(uri)
  const before = clock.now()
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - HOUR_MS })
  onTestFinished(() => void vi.useRealTimers())
  expect([clock.now(), await clock.stamp()]).toEqual([closeTo(before), closeTo(before)])
  await setForward(uri, HOUR_MS)
  vi.setSystemTime(Date.now() - MINUTE_MS)
  expect(await clock.stamp()).toEqual(closeTo(new Date(before.getTime() + HOUR_MS)))
})

test('while the database cannot be asked the last measurement counts', async () => {
  const { clock, connection } = await openClock(freshDatabaseUri(), 20)
  await connection.close()
  const before = clock.now().getTime()
  await expect.poll(() => clock.now().getTime()).toBeGreaterThan(before + 100)
  expect(clock.now().getTime()).toBeLessThan(before + MINUTE_MS)
})
