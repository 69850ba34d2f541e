import { expect, onTestFinished, test, vi } from 'vitest'
import { noBus } from './bus.ts'
import { createFeed } from './feed.ts'
import { createHub } from './hub.ts'

const everything = (): boolean => true
const log = { debug() {}, info() {}, warn() {}, error() {} }

/** A feed over orders that cannot be read at first, and how many times all orders are listened to. */
function feedAfterFailures(failures: number) {
  const hub = createHub()
  let left = failures
  let listening = 0
  const listenToAll: typeof hub.listenToAll = (listener) => {
    listening += 1
    const stop = hub.listenToAll(listener)
    return () => {
      listening -= 1
      stop()
    }
  }
  const orders = {
    async changedSince() {
      left -= 1
      if (left >= 0) throw new Error('The database cannot be reached.')
      return []
    },
    byId: async () => undefined,
    byIds: async () => [],
  }
  const clock = { now: () => new Date(), ago: (milliseconds: number) => new Date(Date.now() - milliseconds) }
  const parts = { hub: { ...hub, listenToAll }, bus: noBus, orders, clock, log, pauseMs: 20 }
  const feed = createFeed(parts)
  return { feed, listening: () => listening }
}

test('a feed that cannot be opened says why, and can be opened later', async () => {
  const { feed, listening } = feedAfterFailures(1)
  await expect(feed.read(everything)).rejects.toThrow('cannot be reached')
  expect(listening()).toBe(0)
  const stream = await feed.read(everything)
  expect(listening()).toBe(1)
  await stream.return?.()
  expect(listening()).toBe(0)
})

test('to close a feed that is failing to open is no failure', async () => {
  const { feed, listening } = feedAfterFailures(1)
  const [opening, closing] = await Promise.allSettled([feed.read(everything), feed.close()])
  expect([opening.status, closing.status]).toEqual(['rejected', 'fulfilled'])
  expect(listening()).toBe(0)
})

test('a failure that comes to light late does not make the feed forget the next one', async () => {
  const { feed, listening } = feedAfterFailures(1)
  const [opening, , next] = await Promise.allSettled([
    feed.read(everything),
    feed.close(),
    feed.read(everything),
  ])
  expect([opening.status, next.status]).toEqual(['rejected', 'fulfilled'])
  if (next.status === 'fulfilled') await next.value.return?.()
  expect(listening()).toBe(0)
})

/** A feed over orders that never change, and how often it has looked. */
function countedFeed() {
  let looks = 0
  let watching = 0
  const bus = {
    ...noBus,
    watchAll() {
      watching += 1
      return () => void (watching -= 1)
    },
  }
  const orders = {
    async changedSince() {
      looks += 1
      return []
    },
    byId: async () => undefined,
    byIds: async () => [],
  }
  const clock = { now: () => new Date(), ago: () => new Date(0) }
  const feed = createFeed({ hub: createHub(), bus, orders, clock, log, pauseMs: 20 })
  return { feed, looks: () => looks, watching: () => watching }
}

test('when the last reader leaves, nobody looks any more and no hints are got', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { feed, looks, watching } = countedFeed()
  const stream = await feed.read(everything)
  await vi.advanceTimersByTimeAsync(100)
  expect([watching(), looks()]).toEqual([1, expect.toSatisfy((count: number) => count > 3)])
  await stream.return?.()
  const looked = looks()
  await vi.advanceTimersByTimeAsync(1000)
  expect([watching(), looks()]).toEqual([0, looked])
})
