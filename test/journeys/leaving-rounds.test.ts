import { expect, test, vi } from 'vitest'
import { notePlatformCalls } from '../support/asking.ts'
import { openGateway } from '../support/gateway.ts'
import { payableOrder } from '../support/orders.ts'

const DAY_MS = 86_400_000
const ORDERS = 20
/** Orders that a round asks about at the same time. */
const AT_ONCE = 8

test('a gateway that stops asks no slow platform about further orders, and all stay due', async () => {
  const gateway = await openGateway({ roundPauses: { orders: 20, inbox: DAY_MS } })
  const calls = notePlatformCalls(gateway)
  await Promise.all(Array.from({ length: ORDERS }, () => payableOrder(gateway)))
  gateway.simulator.faults.add({ kind: 'slow', ms: DAY_MS, times: 'always', target: { call: 'query' } })
  gateway.advanceAll(30_000)
  await vi.waitFor(() => expect(calls).toHaveLength(AT_ONCE), { timeout: 20_000 })
  await gateway.stop()
  const due = await gateway.parts.database.orders.due(gateway.parts.now(), {
    limit: ORDERS,
    merchants: [gateway.merchant.atGateway.id],
  })
  expect([calls.length, due.length]).toEqual([AT_ONCE, ORDERS])
})
