import { expect, onTestFinished, test, vi } from 'vitest'
import type { GatewayContext } from '../../resolvers/context.ts'
import { msUntilExpiry, onExpiry } from './expiry.ts'

const DAY_MS = 24 * 60 * 60 * 1000

/** A caller whose token expires so many milliseconds from now, by a clock that is that of the test unless told otherwise. */
function callerFor(milliseconds: number, now: () => Date = () => new Date()) {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const caller = {
    kind: 'order-holder',
    orderId: 'ord_1',
    merchantId: 'acme',
    expiresAt: new Date(now().getTime() + milliseconds),
  } as const
  return { caller, gateway: { now } } as unknown as GatewayContext
}

test('it is told when the token expires, and not before', async () => {
  let told = 0
  onExpiry(callerFor(5000), () => (told += 1))
  await vi.advanceTimersByTimeAsync(4999)
  expect(told).toBe(0)
  await vi.advanceTimersByTimeAsync(1)
  expect([told, vi.getTimerCount()]).toEqual([1, 0])
})

test('a token that is good for longer than a timer can run is waited for', async () => {
  const context = callerFor(90 * DAY_MS)
  let told = 0
  onExpiry(context, () => (told += 1))
  await vi.advanceTimersByTimeAsync(90 * DAY_MS - 1)
  expect(told).toBe(0)
  await vi.advanceTimersByTimeAsync(1)
  expect(told).toBe(1)
})

test('no timer is asked for that is too long to run', async () => {
  const context = callerFor(90 * DAY_MS)
  vi.useRealTimers()
  const warnings: string[] = []
  const note = ({ name }: Error): void => void warnings.push(name)
  process.on('warning', note)
  onTestFinished(() => void process.off('warning', note))
  // Node would run it out at once, and say so.
  onExpiry(context, () => undefined)()
  await new Promise(setImmediate)
  expect(warnings).toEqual([])
})

test('called off, it leaves nothing', () => {
  const callOff = onExpiry(callerFor(5000), () => undefined)
  callOff()
  expect(vi.getTimerCount()).toBe(0)
})

test('a key never expires', () => {
  const context = { caller: { kind: 'merchant', merchantId: 'acme' } } as unknown as GatewayContext
  expect(msUntilExpiry(context)).toBe(Infinity)
  expect(() => onExpiry(context, () => undefined)()).not.toThrow()
})
