import { expect, onTestFinished, test, vi } from 'vitest'
import type { OrderStore } from '../models/order.ts'
import { openLive } from './live.ts'

const log = { debug() {}, info() {}, warn() {}, error() {} }

test('closed, it ends the streams of the feed, and nothing is looked for any more', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  let asked = 0
  const nothing = async () => {
    asked += 1
    return []
  }
  const seqs = async () => {
    asked += 1
    return new Map<string, number>()
  }
  const orders = {
    changedSince: nothing,
    byIds: nothing,
    byId: async () => undefined,
    seqs,
  } as unknown as OrderStore
  const clock = { now: () => new Date(), ago: () => new Date(0), stamp: async () => new Date() }
  const live = openLive({ orders, clock, log })
  live.hub.listen('ord_1', () => undefined)
  const stream = await live.feed.read(() => true)
  await vi.advanceTimersByTimeAsync(2000)
  expect(asked).toBeGreaterThan(2)
  const next = stream.next()
  await live.close()
  expect(await next).toEqual({ done: true, value: undefined })
  const before = asked
  await vi.advanceTimersByTimeAsync(10_000)
  expect([asked, vi.getTimerCount()]).toEqual([before, 0])
})
