import { expect, test } from 'vitest'
import { decideCreation } from './decide.ts'
import { evolve, fold } from './evolve.ts'
import { toFen } from './money.ts'

const NOW = new Date('2026-01-01T00:00:00Z')
const created = decideCreation(
  { orderId: 'ord_1', merchantId: 'acme' },
  {
    outTradeNo: 'T00001',
    description: 'tea',
    amount: { total: toFen(100), currency: 'CNY' },
    expiresAt: NOW,
    metadata: null,
  },
  NOW,
)
const envelope = { source: 'SYSTEM', occurredAt: NOW, recordedAt: NOW, cause: null } as const

test('a history that does not begin with order.created tells no order', () => {
  expect(() => fold([])).toThrow('begins with order.created, not with nothing')
})

test('an event that leaves a gap is refused', () => {
  const closed = { ...envelope, type: 'order.closed', reason: 'EXPIRED', seq: 3 } as const
  expect(() => evolve(fold([created]), closed)).toThrow('event 3 does not follow it')
})

test('an order cannot be created twice', () => {
  expect(() => evolve(fold([created]), { ...created, seq: 2 })).toThrow('a second time')
})

test('an amount in fen is a whole number', () => {
  for (const amount of [0.5, -1, Number.NaN, 2 ** 53]) expect(() => toFen(amount)).toThrow(RangeError)
})
