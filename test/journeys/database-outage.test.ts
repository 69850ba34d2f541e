import { expect, test, vi } from 'vitest'
import { longPoll } from '../support/streams.ts'
import { payAtPlatform } from '../support/asking.ts'
import { ownEngine } from '../support/engine.ts'
import { graphql } from '../support/graphql.ts'
import {
  BEARABLE,
  delivered,
  deliveries,
  expectAllOnce,
  expectOnlyUnavailable,
  isAccepted,
  payableOrdersOn,
} from '../support/outage.ts'

const PAYMENTS = 40

async function timed<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly milliseconds: number }> {
  const startedAt = performance.now()
  const result = await work()
  return { result, milliseconds: performance.now() - startedAt }
}

async function withOwnEngine() {
  const engine = await ownEngine()
  return { engine, ...(await payableOrdersOn(engine.uri, PAYMENTS)) }
}

test('while the database stands still everything is answered 503 in time, and applied when it goes on', async () => {
  const { engine, gateway, orders } = await withOwnEngine()
  process.kill(engine.pid(), 'SIGSTOP')
  await Promise.all(orders.map((order) => payAtPlatform(gateway, order)))
  const [order] = orders
  const [readiness, asked, polled] = await Promise.all([
    timed(() => fetch(`${gateway.url}/readyz`)),
    graphql(gateway.url, gateway.operatorKey, { query: '{ orders { totalCount } }' }),
    longPoll(gateway, gateway.operatorKey, `${order?.id}/events`),
  ])
  expect(readiness).toMatchObject({ milliseconds: BEARABLE, result: { status: 503 } })
  expect(asked).toMatchObject({ errors: [{ extensions: { code: 'UNAVAILABLE' } }] })
  expect(polled.status).toBe(503)
  expect(await polled.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAVAILABLE' } }] })
  // Two deliveries of each payment, each waiting until the gateway gives up: about nine seconds.
  await vi.waitFor(
    () => {
      const counts = gateway.simulator.notifications().map(({ attempts }) => attempts.length)
      expect(Math.min(...counts)).toBeGreaterThanOrEqual(2)
    },
    { interval: 20, timeout: 20_000 },
  )
  expectOnlyUnavailable(deliveries(gateway))

  process.kill(engine.pid(), 'SIGCONT')
  await delivered(gateway)
  await expectAllOnce(gateway, orders)
}, 180_000)

test('when the database is killed, what was answered 204 is kept, and the rest is applied by the retries', async () => {
  const { engine, gateway, orders } = await withOwnEngine()
  const killAfter = PAYMENTS / 4
  const paying = Promise.all(orders.map((order) => payAtPlatform(gateway, order)))
  await vi.waitFor(
    () => expect(deliveries(gateway).filter(isAccepted).length).toBeGreaterThanOrEqual(killAfter),
    { interval: 1, timeout: 10_000 },
  )
  process.kill(engine.pid(), 'SIGKILL')
  await paying
  await delivered(gateway)
  expectOnlyUnavailable(deliveries(gateway).filter((delivery) => !isAccepted(delivery)))
  await expectAllOnce(gateway, orders)
}, 180_000)
