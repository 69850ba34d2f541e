import { expect, test } from 'vitest'
import { standOf } from './last-order.ts'

test.each([
  [{ status: 'CREATED', closeReason: null }, 'open'],
  [{ status: 'PENDING', closeReason: null }, 'open'],
  [{ status: 'PAID', closeReason: null }, 'paid'],
  [{ status: 'CLOSED', closeReason: 'EXPIRED' }, 'expired'],
  [{ status: 'CLOSED', closeReason: 'MERCHANT' }, 'closed'],
  [{ status: 'CLOSED', closeReason: 'PLATFORM' }, 'closed'],
] as const)('an order that is %j is called %s', (order, stand) => {
  expect(standOf(order)).toBe(stand)
})
