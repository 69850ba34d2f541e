import { expect, test } from 'vitest'
import { checkAfterChange, nextCheck, type Ladder } from './check-schedule.ts'
import { decideCreation } from './decide.ts'
import { fold } from './evolve.ts'
import { toFen } from './money.ts'
import type { Transaction } from './order.ts'
import type { PaymentAttempt } from './payment-fact.ts'

const LADDER: Ladder = [30_000, 60_000, 180_000]
const NOW = new Date('2026-01-01T00:00:00Z')
const after = (milliseconds: number): Date => new Date(NOW.getTime() + milliseconds)
const created = fold([
  decideCreation(
    { orderId: 'ord_1', merchantId: 'acme' },
    {
      outTradeNo: 'T00001',
      description: 'tea',
      amount: { total: toFen(100), currency: 'CNY' },
      expiresAt: after(7_200_000),
      metadata: null,
    },
    NOW,
  ),
])
const pending = { ...created, status: 'PENDING' as const }

function attemptBy(payerId: string): PaymentAttempt {
  return {
    platformTradeNo: `T00001-${payerId}`,
    platform: 'WECHATPAY',
    appId: 'wx1',
    payerId,
    prepayId: 'prepay',
    prepayExpiresAt: after(7_200_000),
    createdAt: NOW,
  }
}

function paidThrough({ platform, platformTradeNo }: PaymentAttempt): Transaction {
  return {
    platform,
    platformTradeNo,
    transactionId: `42${platformTradeNo}`,
    platformState: 'SUCCESS',
    payerTotal: null,
    paidAt: NOW,
  }
}

const started = { ...pending, attempts: [attemptBy('anna'), attemptBy('bert')] }
const paid = { ...started, status: 'PAID' as const, transactions: [paidThrough(attemptBy('anna'))] }
const AT_ONCE = { dueAt: NOW, rung: 0 }

test('an order without a payment is looked at when it expires', () => {
  expect(checkAfterChange({ before: undefined, after: created }, LADDER, NOW)).toEqual({
    dueAt: created.expiresAt,
    rung: 0,
  })
})

test('a payment that was started is asked about after the first wait', () => {
  expect(checkAfterChange({ before: created, after: pending }, LADDER, NOW)).toEqual({
    dueAt: after(30_000),
    rung: 0,
  })
})

test('a further payment that was started is asked about after the first wait, too', () => {
  expect(checkAfterChange({ before: pending, after: started }, LADDER, NOW)).toEqual({
    dueAt: after(30_000),
    rung: 0,
  })
})

test('a change that leaves status and payments leaves the schedule', () => {
  expect(checkAfterChange({ before: pending, after: pending }, LADDER, NOW)).toBeUndefined()
})

test.each(['PAID', 'CLOSED'] as const)('nobody asks about an order that is %s', (status) => {
  expect(checkAfterChange({ before: pending, after: { ...pending, status } }, LADDER, NOW)).toBeNull()
})

test('when one of two payers has paid, the payment of the other is closed at once', () => {
  expect(checkAfterChange({ before: started, after: paid }, LADDER, NOW)).toEqual(AT_ONCE)
})

test('when both have paid there is nothing to close', () => {
  const transactions = paid.attempts.map(paidThrough)
  expect(checkAfterChange({ before: started, after: { ...paid, transactions } }, LADDER, NOW)).toBeNull()
})

test.each(['PAID', 'CLOSED'] as const)(
  'a payment that was started while the order became %s is closed at once',
  (status) => {
    const before = { ...paid, status, attempts: [attemptBy('anna')] }
    expect(checkAfterChange({ before, after: { ...before, attempts: paid.attempts } }, LADDER, NOW)).toEqual(
      AT_ONCE,
    )
  },
)

test('other news of an ended order leave its schedule', () => {
  expect(checkAfterChange({ before: paid, after: { ...paid, anomalies: [] } }, LADDER, NOW)).toBeUndefined()
})

test('each question is followed by the next wait, and the last one repeats', () => {
  const waits = [0, 1, 2, 7].map(
    (rung) => nextCheck(created.expiresAt, { dueAt: NOW, rung }, { ladder: LADDER, now: NOW }).dueAt,
  )
  expect(waits).toEqual([after(60_000), after(180_000), after(180_000), after(180_000)])
})

test('no question is asked past the expiry without one at it', () => {
  expect(nextCheck(after(10_000), AT_ONCE, { ladder: LADDER, now: NOW }).dueAt).toEqual(after(10_000))
  expect(nextCheck(after(-1), AT_ONCE, { ladder: LADDER, now: NOW }).dueAt).toEqual(after(60_000))
})

test('at the expiry the ladder begins anew, so that a platform that is down then is tried again soon', () => {
  const late = { ladder: LADDER, now: after(10_000) }
  const atExpiry = nextCheck(after(10_000), { dueAt: NOW, rung: 7 }, { ladder: LADDER, now: NOW })
  expect(atExpiry).toEqual({ dueAt: after(10_000), rung: 0 })
  const soon = { dueAt: after(70_000), rung: 1 }
  expect(nextCheck(after(10_000), atExpiry, late)).toEqual(soon)
  // Nobody was there to ask before.
  expect(nextCheck(after(10_000), { dueAt: after(9_999), rung: 7 }, late)).toEqual(soon)
})
