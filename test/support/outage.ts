import { expect, vi } from 'vitest'
import { rowsOf } from './database.ts'
import { openGateway, type TestGateway } from './gateway.ts'
import { payableOrder, readOrder, type OrderView } from './orders.ts'

/** The platform waits this long for an answer. */
const PATIENCE_MS = 5000

/** Matches the milliseconds in which an answer reaches the platform before it gives up. */
export const BEARABLE = expect.toSatisfy((milliseconds: number) => milliseconds < PATIENCE_MS, 'in time')

/** A gateway on this database, with so many orders that could be paid. */
export async function payableOrdersOn(databaseUri: string, count: number) {
  const gateway = await openGateway({ databaseUri })
  const orders = await Promise.all(Array.from({ length: count }, () => payableOrder(gateway)))
  return { gateway, orders: orders.map(({ order }) => order) }
}

/** What the platform has seen of its deliveries. */
export function deliveries({ simulator }: TestGateway) {
  return simulator.notifications().flatMap(({ attempts }) => attempts)
}

/** Resolves when every payment's notification has been answered 204. */
export async function delivered(gateway: TestGateway): Promise<void> {
  await vi.waitFor(
    () => {
      const states = gateway.simulator.notifications().map(({ state }) => state)
      expect(new Set(states)).toEqual(new Set(['DELIVERED']))
    },
    { interval: 20, timeout: 40_000 },
  )
}

/** Every payment is in its order, once; every notification is in the inbox, once. */
export async function expectAllOnce(gateway: TestGateway, orders: readonly OrderView[]): Promise<void> {
  for (const { id } of orders) {
    const { status, seq, anomalies, events } = await readOrder(gateway, id)
    expect({ status, seq, anomalies }).toEqual({ status: 'PAID', seq: 3, anomalies: [] })
    expect(events[2]).toEqual({ seq: 3, type: 'order.paid', source: 'NOTIFY' })
  }
  const rows = await rowsOf(gateway.databaseUri, 'notifications')
  expect(rows.map(({ outcome }) => outcome)).toEqual(orders.map(() => 'APPLIED'))
  expect(new Set(rows.map(({ orderId }) => orderId))).toEqual(new Set(orders.map(({ id }) => id)))
}

/** These deliveries were refused for the time being, and soon enough for the platform to notice. */
export function expectOnlyUnavailable(attempts: ReturnType<typeof deliveries>): void {
  for (const { status, answer, milliseconds } of attempts) {
    const refusal = { status: 503, answer: expect.stringContaining('"code":"FAIL"'), milliseconds: BEARABLE }
    expect({ status, answer, milliseconds }).toEqual(refusal)
  }
}

/** Tells whether the platform was told that its notification is safe. */
export function isAccepted({ status }: { readonly status?: number | undefined }): boolean {
  return status === 204
}
