import { expect, test } from 'vitest'
import { sweep } from '../../src/orders/sweep.ts'
import { notePlatformCalls, roundPorts, sweeper } from '../support/asking.ts'
import { openGateway } from '../support/gateway.ts'
import { payableOrder } from '../support/orders.ts'

const SECOND_MS = 1000

test('the budget of one merchant is not spent by the orders of another', async () => {
  const at = { ms: Date.now() }
  const gateway = await openGateway({ queryBudgetPerSecond: 1, now: () => new Date(at.ms) })
  const calls = notePlatformCalls(gateway)
  for (let made = 0; made < 4; made += 1) await payableOrder(gateway)
  const { order: theirs } = await payableOrder(gateway, {}, gateway.otherMerchant.apiKey)
  at.ms += 30 * SECOND_MS
  const sweepOnce = sweeper(gateway)
  expect(await sweepOnce()).toBe(3)
  expect(calls.map(({ tradeNo }) => tradeNo)).toContain(theirs.outTradeNo)
  at.ms += SECOND_MS
  expect(await sweepOnce()).toBe(1)
  at.ms += SECOND_MS
  expect(await sweepOnce()).toBe(1)
  expect(new Set(calls.map(({ tradeNo }) => tradeNo)).size).toBe(5)
})

test('a merchant over its budget with more due orders than a round looks at does not delay the others', async () => {
  const at = { ms: Date.now() }
  const gateway = await openGateway({ queryBudgetPerSecond: 1, now: () => new Date(at.ms) })
  const calls = notePlatformCalls(gateway)
  const { order } = await payableOrder(gateway)
  const stored = await gateway.parts.database.orders.byId(order.id)
  if (stored === undefined) throw new Error('The order is gone.')
  const check = { dueAt: new Date(at.ms), rung: 0 }
  for (let made = 0; made < 205; made += 1) {
    const named = <T extends object>(one: T): T => ({ ...one, platformTradeNo: `T-many-${made}` })
    const { attempts, numbers } = { attempts: stored.attempts.map(named), numbers: stored.numbers.map(named) }
    const copy = { ...stored, id: `${stored.id}-${made}`, outTradeNo: `T-many-${made}`, attempts, numbers }
    await gateway.parts.database.orders.insert(copy, check)
  }
  const { order: theirs } = await payableOrder(gateway, {}, gateway.otherMerchant.apiKey)
  at.ms += 30 * SECOND_MS
  expect(await sweeper(gateway)()).toBe(3)
  expect(calls.map(({ tradeNo }) => tradeNo)).toContain(theirs.outTradeNo)
})

test('an order that another process takes care of costs only that process', async () => {
  const at = { ms: Date.now() }
  const gateway = await openGateway({ queryBudgetPerSecond: 1, now: () => new Date(at.ms) })
  for (let made = 0; made < 2; made += 1) await payableOrder(gateway)
  at.ms += 30 * SECOND_MS
  const slow = roundPorts(gateway)
  const { due } = slow.orders
  const overtaken = {
    ...slow.orders,
    async due(...choice: Parameters<typeof due>) {
      const found = await due(...choice)
      await sweeper(gateway)()
      return found
    },
  }
  expect(await sweep({ ...slow, orders: overtaken })).toBe(0)
  const { id } = gateway.merchant.atGateway
  expect([slow.questions.spend(id, 'schedule'), slow.questions.spend(id, 'schedule')]).toEqual([true, true])
})
