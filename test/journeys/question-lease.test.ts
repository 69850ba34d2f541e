import { once } from 'node:events'
import { expect, onTestFinished, test, vi } from 'vitest'
import { takeTurn } from '../../src/orders/question-turn.ts'
import { roundPorts } from '../support/asking.ts'
import { openGateway } from '../support/gateway.ts'
import { payableOrder } from '../support/orders.ts'

/** How often a turn says that it is still under way, and how long it is believed. */
const RENEWAL_MS = 5000
const LEASE_MS = 15_000

/** A turn that has begun, with the clock by which it is believed and the timers that keep it. */
async function beginTurn() {
  const clock = { ms: Date.now() }
  const gateway = await openGateway({ now: () => new Date(clock.ms) })
  const { order } = await payableOrder(gateway)
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const ports = roundPorts(gateway)
  const { orders } = ports
  const written: Promise<void>[] = []
  const renewQuestion = (...renewal: Parameters<typeof orders.renewQuestion>): Promise<void> => {
    const renewed = orders.renewQuestion(...renewal)
    written.push(renewed)
    return renewed
  }
  const turn = await takeTurn({ ...ports, orders: { ...orders, renewQuestion } }, order.id)
  const ending = new AbortController()
  const ended = turn?.run(() => once(ending.signal, 'abort'))
  return {
    isFree: async () => (await takeTurn(ports, order.id)) !== undefined,
    async pass(ms: number): Promise<void> {
      for (let passed = 0; passed < ms; passed += RENEWAL_MS) {
        clock.ms += RENEWAL_MS
        vi.advanceTimersByTime(RENEWAL_MS)
        await Promise.all(written)
      }
    },
    async end(): Promise<void> {
      ending.abort()
      await ended
    },
  }
}

test('a question that takes longer than a lease is not asked by somebody else meanwhile', async () => {
  const { isFree, pass, end } = await beginTurn()
  await pass(2 * LEASE_MS)
  expect(await isFree()).toBe(false)
  await end()
  expect(await isFree()).toBe(true)
})

test('a question that never ends blocks its order for little more than a minute', async () => {
  const { isFree, pass } = await beginTurn()
  await pass(60_000 + LEASE_MS - RENEWAL_MS)
  expect(await isFree()).toBe(false)
  await pass(RENEWAL_MS)
  expect(await isFree()).toBe(true)
})
