import { expect, test } from 'vitest'
import { readOrder } from './order.ts'

const ANSWER = {
  id: 'o1',
  outTradeNo: 'TEA20260131-9f86d081884c',
  description: 'Longjing',
  merchant: { name: 'Acme Tea' },
  amount: { total: 2_800, currency: 'CNY' },
  status: 'PAID',
  closeReason: null,
  seq: 3,
  expiresAt: '2026-01-31T11:00:00+08:00',
  paidAt: '2026-01-31T09:00:00+08:00',
  transactionId: '4200000000202601310000000001',
}

test('an order is read, and nothing that came along with it', () => {
  const { merchant, ...order } = ANSWER
  expect(readOrder({ ...ANSWER, __typename: 'Order' })).toEqual({ ...order, merchantName: merchant.name })
})

test('an order that is not paid has no payment', () => {
  const unpaid = { status: 'PENDING', paidAt: null, transactionId: null }
  expect(readOrder({ ...ANSWER, ...unpaid })).toMatchObject(unpaid)
})

test('a merchant who is not configured any more has no name', () => {
  expect(readOrder({ ...ANSWER, merchant: { name: null } })).toMatchObject({ merchantName: null })
})

test.each([
  ['EXPIRED', 'EXPIRED'],
  ['MERCHANT', 'MERCHANT'],
  ['PLATFORM', 'PLATFORM'],
  ['a reason that is not known here', null],
])('an order that was closed says why: %s', (closeReason, told) => {
  expect(readOrder({ ...ANSWER, status: 'CLOSED', closeReason })).toMatchObject({ closeReason: told })
})

test.each<[string, unknown]>([
  ['nothing', null],
  ['an unknown status', { ...ANSWER, status: 'REFUNDED' }],
  ['an amount that is not whole', { ...ANSWER, amount: { total: 0.5 } }],
  ['no number of its newest event', { ...ANSWER, seq: undefined }],
  ['no end', { ...ANSWER, expiresAt: 'soon' }],
])('%s is not an order', (_, value) => {
  expect(readOrder(value)).toBeNull()
})
