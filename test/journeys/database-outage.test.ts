import { expect, test, vi } from 'vitest'
import { payAtPlatform } from '../support/asking.ts'
import { rowsOf } from '../support/database.ts'
import { ownEngine } from '../support/engine.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { graphql } from '../support/graphql.ts'
import { payableOrder, readOrder, type OrderView } from '../support/orders.ts'

const PAYMENTS = 40
/** The platform waits this long for an answer. */
const PATIENCE_MS = 5000

const BEARABLE = expect.toSatisfy((milliseconds: number) => milliseconds < PATIENCE_MS, 'in time')

async function timed<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly milliseconds: number }> {
  const startedAt = performance.now()
  const result = await work()
  return { result, milliseconds: performance.now() - startedAt }
}

async function withOwnEngine() {
  const engine = await ownEngine()
  const gateway = await openGateway({ databaseUri: engine.uri })
  const orders = await Promise.all(Array.from({ length: PAYMENTS }, () => payableOrder(gateway)))
  return { engine, gateway, orders: orders.map(({ order }) => order) }
}

/** What the platform has seen of its deliveries. */
function deliveries({ simulator }: TestGateway) {
  return simulator.notifications().flatMap(({ attempts }) => attempts)
}

async function delivered(gateway: TestGateway): Promise<void> {
  await vi.waitFor(
    () => {
      const states = gateway.simulator.notifications().map(({ state }) => state)
      expect(states).toEqual(Array.from({ length: PAYMENTS }, () => 'DELIVERED'))
    },
    { interval: 20, timeout: 40_000 },
  )
}

/** Every payment is in its order, once; every notification is in the inbox, once. */
async function expectAllOnce(gateway: TestGateway, orders: readonly OrderView[]): Promise<void> {
  for (const { id } of orders) {
    const { status, seq, anomalies, events } = await readOrder(gateway, id)
    expect({ status, seq, anomalies }).toEqual({ status: 'PAID', seq: 3, anomalies: [] })
    expect(events[2]).toEqual({ seq: 3, type: 'order.paid', source: 'NOTIFY' })
  }
  const rows = await rowsOf(gateway.databaseUri, 'notifications')
  expect(rows.map(({ outcome }) => outcome)).toEqual(orders.map(() => 'APPLIED'))
  expect(new Set(rows.map(({ orderId }) => orderId))).toEqual(new Set(orders.map(({ id }) => id)))
}

function expectOnlyUnavailable(attempts: ReturnType<typeof deliveries>): void {
  for (const { status, answer, milliseconds } of attempts) {
    const refusal = { status: 503, answer: expect.stringContaining('"code":"FAIL"'), milliseconds: BEARABLE }
    expect({ status, answer, milliseconds }).toEqual(refusal)
  }
}

test('while the database stands still everything is answered 503 in time, and applied when it goes on', async () => {
  const { engine, gateway, orders } = await withOwnEngine()
  process.kill(engine.pid(), 'SIGSTOP')
  await Promise.all(orders.map((order) => payAtPlatform(gateway, order)))
  const [readiness, asked] = await Promise.all([
    timed(() => fetch(`${gateway.url}/readyz`)),
    graphql(gateway.url, gateway.operatorKey, { query: '{ orders { totalCount } }' }),
  ])
  expect(readiness).toMatchObject({ milliseconds: BEARABLE, result: { status: 503 } })
  expect(asked).toMatchObject({ errors: [{ extensions: { code: 'UNAVAILABLE' } }] })
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

function isAccepted({ status }: { readonly status?: number | undefined }): boolean {
  return status === 204
}

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
