import { expect, test } from 'vitest'
import { checkAfterChange, checkOfEnded, checkOfUnpayable, nextCheck, type Ladder } from './check-schedule.ts'
import { decideCreation } from './decide.ts'
import { fold } from './evolve.ts'
import { toFen } from './money.ts'
import type { Order, Transaction } from './order.ts'
import type { TradeNumber } from './trade-number.ts'

const LADDER: Ladder = [30_000, 60_000, 180_000]
const SCHEDULES = { ladder: LADDER, closedSchedule: [600_000, 3_600_000] }
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

function numberOf(payerId: string): TradeNumber {
  return {
    platformTradeNo: `T00001-${payerId}`,
    platform: 'WECHATPAY',
    appId: 'wx1',
    payerId,
    createdAt: NOW,
    prepay: { id: 'prepay', expiresAt: after(7_200_000) },
    endedAt: null,
  }
}

function paidThrough({ platform, platformTradeNo }: TradeNumber): Transaction {
  return {
    platform,
    platformTradeNo,
    transactionId: `42${platformTradeNo}`,
    platformState: 'SUCCESS',
    payerTotal: null,
    paidAt: NOW,
  }
}

const started = { ...pending, numbers: [numberOf('anna'), numberOf('bert')] }
const paid = { ...started, status: 'PAID' as const, transactions: [paidThrough(numberOf('anna'))] }
const AT_ONCE = { dueAt: NOW, rung: 0 }

test('an order without a payment is looked at when it expires', () => {
  expect(checkAfterChange({ before: undefined, after: created }, SCHEDULES, NOW)).toEqual({
    dueAt: created.expiresAt,
    rung: 0,
  })
})

test('a payment that was started is asked about after the first wait', () => {
  expect(checkAfterChange({ before: created, after: started }, SCHEDULES, NOW)).toEqual({
    dueAt: after(30_000),
    rung: 0,
    isLatest: true,
  })
})

test('a further payment that was started is asked about after the first wait, too', () => {
  expect(checkAfterChange({ before: pending, after: started }, SCHEDULES, NOW)).toEqual({
    dueAt: after(30_000),
    rung: 0,
    isLatest: true,
  })
})

test('a change that leaves status and payments leaves the schedule', () => {
  expect(checkAfterChange({ before: pending, after: pending }, SCHEDULES, NOW)).toBeUndefined()
})

test.each(['PAID', 'CLOSED'] as const)(
  'an order that is %s and that no platform knows is not asked about',
  (status) => {
    expect(checkAfterChange({ before: pending, after: { ...pending, status } }, SCHEDULES, NOW)).toBeNull()
  },
)

test('when one of two payers has paid, the payment of the other is closed at once', () => {
  expect(checkAfterChange({ before: started, after: paid }, SCHEDULES, NOW)).toEqual(AT_ONCE)
})

test('when both have paid there is nothing to close', () => {
  const transactions = paid.numbers.map(paidThrough)
  expect(checkAfterChange({ before: started, after: { ...paid, transactions } }, SCHEDULES, NOW)).toBeNull()
})

test.each(['PAID', 'CLOSED'] as const)(
  'a payment that was started while the order became %s is closed at once',
  (status) => {
    const before = { ...paid, status, numbers: [numberOf('anna')] }
    expect(checkAfterChange({ before, after: { ...before, numbers: paid.numbers } }, SCHEDULES, NOW)).toEqual(
      AT_ONCE,
    )
  },
)

test('other news of an ended order leave its schedule', () => {
  expect(
    checkAfterChange({ before: paid, after: { ...paid, anomalies: [] } }, SCHEDULES, NOW),
  ).toBeUndefined()
})

test('numbers that were closed before the expiry are asked about on their own schedule, and the order at its expiry', () => {
  const ended = { ...numberOf('anna'), endedAt: NOW }
  const later = { ...numberOf('bert'), endedAt: after(300_000) }
  const order = { ...started, numbers: [ended, later] }
  const moments = [300_000, 600_000, 900_000, 3_600_000, 3_900_000].map((past) =>
    checkOfUnpayable(order, SCHEDULES, after(past)),
  )
  expect(moments.map(({ dueAt }) => dueAt.getTime() - NOW.getTime())).toEqual([
    600_000, 900_000, 3_600_000, 3_900_000, 7_200_000,
  ])
  expect(checkAfterChange({ before: started, after: order }, SCHEDULES, after(300_000))).toEqual({
    dueAt: after(600_000),
    rung: 0,
    isLatest: true,
  })
})

test('each question is followed by the next wait, and the last one repeats', () => {
  const waits = [0, 1, 2, 7].map(
    (rung) => nextCheck(pending, { dueAt: NOW, rung }, { ladder: LADDER, now: NOW }).dueAt,
  )
  expect(waits).toEqual([after(60_000), after(180_000), after(180_000), after(180_000)])
})

test('no question is asked past the expiry without one at it', () => {
  expect(
    nextCheck({ ...pending, expiresAt: after(10_000) }, AT_ONCE, { ladder: LADDER, now: NOW }).dueAt,
  ).toEqual(after(10_000))
  expect(
    nextCheck({ ...pending, expiresAt: after(-1) }, AT_ONCE, { ladder: LADDER, now: NOW }).dueAt,
  ).toEqual(after(60_000))
})

test('at the expiry the ladder begins anew, so that a platform that is down then is tried again soon', () => {
  const late = { ladder: LADDER, now: after(10_000) }
  const atExpiry = nextCheck(
    { ...pending, expiresAt: after(10_000) },
    { dueAt: NOW, rung: 7 },
    { ladder: LADDER, now: NOW },
  )
  expect(atExpiry).toEqual({ dueAt: after(10_000), rung: 0 })
  const soon = { dueAt: after(70_000), rung: 1 }
  expect(nextCheck({ ...pending, expiresAt: after(10_000) }, atExpiry, late)).toEqual(soon)
  // Nobody was there to ask before.
  expect(nextCheck({ ...pending, expiresAt: after(10_000) }, { dueAt: after(9_999), rung: 7 }, late)).toEqual(
    soon,
  )
})

test('a number is asked about from the moment that it is stored, before its payment is handed out', () => {
  const reserved = { ...created, numbers: [{ ...numberOf('anna'), prepay: null }] }
  expect(checkAfterChange({ before: undefined, after: reserved }, SCHEDULES, NOW)).toEqual({
    dueAt: after(30_000),
    rung: 0,
  })
})

test.each([
  ['soon', LADDER, 15_000],
  ['sooner when the ladder says so', [1000] as const, 1000],
])('a wish to close that is not carried out is taken up %s', (_when, ladder, wait) => {
  const closing = { reason: 'MERCHANT', source: 'API', requestedAt: NOW } as const
  const changed = { before: started, after: { ...started, closing } }
  expect(checkAfterChange(changed, { ...SCHEDULES, ladder }, NOW)).toEqual({
    dueAt: after(wait),
    rung: 0,
    isLatest: true,
  })
})

function closed(numbers: readonly TradeNumber[]): Order {
  const event = {
    ...created.events[0],
    type: 'order.closed',
    recordedAt: NOW,
    seq: 2,
  } as Order['events'][number]
  return { ...started, status: 'CLOSED', numbers, events: [...created.events, event] }
}

test('closed numbers are asked about on the schedule, counted from the end of the order, and then no more', () => {
  const order = closed([{ ...numberOf('anna'), endedAt: NOW }])
  const moments = [0, 599_999, 600_000, 3_599_999, 3_600_000].map((past) =>
    checkOfEnded(order, SCHEDULES, after(past)),
  )
  const [first, second] = [600_000, 3_600_000].map((offset) => ({ dueAt: after(offset), rung: 0 }))
  expect(moments).toEqual([first, first, second, second, null])
})

test('a number that may be payable is closed at once, however long the order has ended', () => {
  expect(checkOfEnded(closed([numberOf('anna')]), SCHEDULES, after(9e9))).toEqual({
    dueAt: after(9e9),
    rung: 0,
  })
})

test('an ended order that could not be asked about is tried again on the ladder', () => {
  const next = nextCheck(closed([numberOf('anna')]), AT_ONCE, { ladder: LADDER, now: NOW })
  expect(next).toEqual({ dueAt: after(60_000), rung: 1 })
})
