import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { decideCreation } from '../domain/decide.ts'
import { fold } from '../domain/evolve.ts'
import { toFen } from '../domain/money.ts'
import type { Order, OrderEvent } from '../domain/order.ts'
import { distanceOf, orderAt } from './order-history.ts'

const NOW = new Date('2026-01-01T00:00:00Z')
const MIB = 1024 * 1024

/** What an earlier version left of ten payers who renewed their payments every two hours for ninety days. */
const EVENTS = 11_270

function longHistory(): Order {
  const request = {
    outTradeNo: 'T00001',
    description: 'tea',
    amount: { total: toFen(100), currency: 'CNY' },
    expiresAt: NOW,
    metadata: null,
  } as const
  const created = decideCreation({ orderId: 'ord_1', merchantId: 'acme' }, request, NOW)
  const renewals = Array.from({ length: EVENTS - 1 }, (_event, index): OrderEvent => ({
    type: 'order.payment_started',
    attempt: {
      platformTradeNo: `T00001-${index % 10}`,
      platform: 'WECHATPAY',
      appId: 'wx1',
      payerId: `o-${index % 10}`,
      createdAt: NOW,
    },
    seq: index + 2,
    source: 'API',
    occurredAt: NOW,
    recordedAt: NOW,
    cause: null,
  }))
  return fold([created, ...renewals])
}

function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}

test('all states of a long history take a fraction of what all their lists of events would', () => {
  const order = longHistory()
  const before = heapAfterCollection()
  const states = order.events.map(({ seq }) => orderAt(order, seq))
  expect((heapAfterCollection() - before) / MIB).toBeLessThan(64)
  expect([states[0], states.at(-1)]).toMatchObject([
    { seq: 1, status: 'CREATED', attempts: [] },
    { seq: EVENTS, status: 'PENDING' },
  ])
  expect(states[5000]?.events).toHaveLength(5001)
})

test('each state is what the events up to it say, in whatever order the states are asked for', () => {
  const order = fold(longHistory().events.slice(0, 40))
  for (const seq of [40, 3, 17, 16, 18, 1, 39]) {
    const { events, ...state } = orderAt(order, seq)
    expect({ ...state, events }).toEqual(fold(order.events.slice(0, seq)))
  }
})

test('a state knows how many events lead to it', () => {
  const order = fold(longHistory().events.slice(0, 10))
  const once = orderAt(order, 5)
  expect([order, once, orderAt(once, 2)].map(distanceOf)).toEqual([0, 1, 2])
})
