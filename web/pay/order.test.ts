import { expect, test } from 'vitest'
import type { WatchedOrder } from '../client/order.ts'
import { readJsapiParameters, toPayOrder } from './order.ts'
import { formatCountdown } from './render.ts'

const ORDER: WatchedOrder = {
  id: 'o1',
  outTradeNo: 'TEA20260131-9f86d081884c',
  description: 'Longjing',
  merchantName: 'Acme Tea',
  amount: { total: 2_800, currency: 'CNY' },
  status: 'PAID',
  closeReason: null,
  seq: 3,
  expiresAt: '2026-01-31T11:00:00+08:00',
  paidAt: '2026-01-31T09:00:00+08:00',
  transactionId: '4200000000202601310000000001',
}

test('the times of an order become moments', () => {
  expect(toPayOrder(ORDER)).toEqual({
    id: 'o1',
    outTradeNo: 'TEA20260131-9f86d081884c',
    description: 'Longjing',
    merchantName: 'Acme Tea',
    total: 2_800,
    status: 'PAID',
    closeReason: null,
    seq: 3,
    expiresAtMs: Date.UTC(2026, 0, 31, 3),
    paidAtMs: Date.UTC(2026, 0, 31, 1),
  })
})

test('an order that is not paid has no time of payment', () => {
  expect(toPayOrder({ ...ORDER, status: 'PENDING', paidAt: null })).toMatchObject({ paidAtMs: null })
})

test('a payment of another platform has no parameters for WeChat', () => {
  expect(readJsapiParameters({ wechatpay: null })).toBeNull()
})

test.each([
  [3_600_000, '60:00'],
  [65_000, '01:05'],
  [1, '00:01'],
])('a countdown of %i ms reads %s', (spanMs, words) => {
  expect(formatCountdown(spanMs)).toBe(words)
})
