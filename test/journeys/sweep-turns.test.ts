import { expect, test, vi } from 'vitest'
import { confirm } from '../support/asking.ts'
import { unsweptOrder } from '../support/unswept.ts'

const SECOND_MS = 1000

test('a page that asks while the sweep does is told what the sweep finds', async () => {
  const { gateway, pass, calls, sweepOnce, order, accessToken, pay } = await unsweptOrder()
  await pay()
  pass(30 * SECOND_MS)
  gateway.simulator.faults.add({ kind: 'slow', ms: 1.5 * SECOND_MS, target: { call: 'query' } })
  const sweeping = sweepOnce()
  await vi.waitFor(() => expect(calls).toHaveLength(1), { timeout: 20 * SECOND_MS })
  expect(await confirm(gateway, order.id, accessToken)).toMatchObject({ order: { status: 'PAID' } })
  expect([await sweeping, calls.length]).toEqual([1, 1])
})

test('a question that a process died over holds up the sweep for seconds, and not for a whole rung', async () => {
  const { gateway, pass, calls, sweepOnce, order, pay, read } = await unsweptOrder()
  await pay()
  pass(30 * SECOND_MS)
  const question = { now: gateway.parts.now(), gapMs: 0, leaseMs: 15 * SECOND_MS }
  await gateway.parts.database.orders.claimQuestion(order.id, question)
  expect([await sweepOnce(), calls.length]).toEqual([1, 0])
  pass(15 * SECOND_MS)
  expect([await sweepOnce(), calls.length]).toEqual([1, 1])
  expect(await read()).toMatchObject({ status: 'PAID' })
})
