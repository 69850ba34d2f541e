import { describe, expect, test } from 'vitest'
import { decide, decideCreation, leftOutOf } from './decide.ts'
import { evolve, fold } from './evolve.ts'
import { toFen } from './money.ts'
import type { Order } from './order.ts'
import type { ClosedFact, Fact, PaidFact, PaymentStartedFact } from './payment-fact.ts'

const NOW = new Date('2026-01-01T00:00:00Z')
const LATER = new Date('2026-01-01T00:01:00Z')

const created = decideCreation(
  { orderId: 'ord_1', merchantId: 'acme' },
  {
    outTradeNo: 'T00001',
    description: 'tea',
    amount: { total: toFen(100), currency: 'CNY' },
    expiresAt: new Date('2026-01-01T02:00:00Z'),
    metadata: null,
  },
  NOW,
)

const started: PaymentStartedFact = {
  kind: 'payment-started',
  source: 'API',
  occurredAt: NOW,
  cause: null,
  attempt: {
    platformTradeNo: 'T00001',
    platform: 'WECHATPAY',
    appId: 'wx1',
    payerId: 'o-1',
    createdAt: NOW,
  },
}

const paid: PaidFact = {
  kind: 'paid',
  source: 'NOTIFY',
  occurredAt: LATER,
  cause: 'ntf_1',
  platform: 'WECHATPAY',
  platformTradeNo: 'T00001',
  transactionId: '4200000001',
  platformState: 'SUCCESS',
  total: toFen(100),
  payerTotal: toFen(90),
  currency: 'CNY',
  payerId: null,
  payeeMismatch: null,
}

const closed: ClosedFact = { kind: 'closed', source: 'API', occurredAt: NOW, cause: null, reason: 'MERCHANT' }

function after(...facts: readonly Fact[]): Order {
  return facts.reduce((order, fact) => decide(order, fact, LATER).reduce(evolve, order), fold([created]))
}

function typesAfter(...facts: readonly Fact[]): readonly string[] {
  return after(...facts).events.map(({ type }) => type)
}

test('a new order is CREATED with seq 1', () => {
  expect(after()).toMatchObject({ status: 'CREATED', seq: 1, attempts: [], platform: null })
})

test('a started payment makes the order PENDING', () => {
  expect(after(started)).toMatchObject({ status: 'PENDING', seq: 2, platform: 'WECHATPAY' })
})

test('the same started payment again changes nothing', () => {
  expect(after(started, started).seq).toBe(2)
})

test('a payment is started once under a number', () => {
  const again = { ...started, attempt: { ...started.attempt, createdAt: LATER } }
  expect(after(started, again)).toEqual(after(started))
})

test('money makes the order PAID, whether or not its start was recorded', () => {
  const money = { status: 'PAID', transactionId: '4200000001', payerTotal: 90, paidAt: LATER }
  expect(after(started, paid)).toMatchObject(money)
  expect(after(paid)).toMatchObject(money)
})

test('what was paid with a coupon counts in full', () => {
  expect(after({ ...paid, payerTotal: toFen(1) }).status).toBe('PAID')
})

test('the same payment again is no event, by whichever door it comes', () => {
  expect(after(started, paid, paid, { ...paid, source: 'QUERY', cause: null }).seq).toBe(3)
})

test('an event names what caused it', () => {
  expect(after(paid).events.at(-1)).toMatchObject({ cause: 'ntf_1', source: 'NOTIFY', occurredAt: LATER })
})

describe('a report that cannot be believed is an anomaly and never marks the order paid', () => {
  test.each([
    ['another total', { total: toFen(99) }, 'AMOUNT_MISMATCH'],
    ['another currency', { currency: 'USD' }, 'AMOUNT_MISMATCH'],
    ['another payee', { payeeMismatch: 'The mchid is not this merchant’s.' }, 'MERCHANT_MISMATCH'],
  ])('%s', (_what, difference, kind) => {
    const order = after(started, { ...paid, ...difference })
    expect(order).toMatchObject({ status: 'PENDING', transactionId: null, anomalies: [{ kind }] })
  })

  test('the same one again is not reported twice', () => {
    const wrong = { ...paid, total: toFen(1) }
    expect(after(started, wrong, wrong, wrong).anomalies).toHaveLength(1)
  })

  test('and the right one afterwards still pays the order', () => {
    expect(after(started, { ...paid, total: toFen(1) }, paid).status).toBe('PAID')
  })
})

test('a second transaction is a DUPLICATE_PAYMENT and leaves the first in place', () => {
  expect(after(paid, { ...paid, transactionId: '4200000002' })).toMatchObject({
    status: 'PAID',
    transactionId: '4200000001',
    anomalies: [{ kind: 'DUPLICATE_PAYMENT' }],
  })
})

test('money for a closed order makes it PAID and raises PAID_AFTER_CLOSE', () => {
  expect(after(started, closed, paid)).toMatchObject({
    status: 'PAID',
    closeReason: null,
    closedAt: null,
    anomalies: [{ kind: 'PAID_AFTER_CLOSE' }],
  })
})

test('nothing undoes PAID; a close that was heard of later is the same contradiction', () => {
  expect(after(started, paid, closed)).toMatchObject({
    status: 'PAID',
    closeReason: null,
    anomalies: [{ kind: 'PAID_AFTER_CLOSE' }],
  })
  expect(typesAfter(started, paid, closed, closed, started)).toEqual([
    'order.created',
    'order.payment_started',
    'order.paid',
    'anomaly.detected',
  ])
})

test('a payment that was started for a closed order is known, and does not open it again', () => {
  expect(after(closed, started)).toMatchObject({
    status: 'CLOSED',
    closeReason: 'MERCHANT',
    attempts: [started.attempt],
  })
})

test('of two payments the earlier by the platform’s clock paid the order, whichever was heard of first', () => {
  const earlier = { ...paid, transactionId: '4200000002', occurredAt: NOW, payerTotal: null }
  for (const order of [after(paid, earlier), after(earlier, paid)]) {
    expect(order).toMatchObject({ transactionId: '4200000002', paidAt: NOW, payerTotal: null })
    expect(order.anomalies).toMatchObject([{ id: 'DUPLICATE_PAYMENT:4200000001', kind: 'DUPLICATE_PAYMENT' }])
    expect(order.events.filter(({ type }) => type === 'order.paid')).toHaveLength(1)
  }
})

test('an anomaly is resolved once', () => {
  const resolve = (resolution: string): Fact => ({
    kind: 'anomaly-resolved',
    source: 'OPERATOR',
    occurredAt: LATER,
    cause: null,
    anomalyId: 'AMOUNT_MISMATCH:4200000001',
    resolution,
  })
  const order = after({ ...paid, total: toFen(1) }, resolve('refunded by hand'), resolve('again'))
  expect(order.anomalies).toMatchObject([{ resolvedAt: LATER, resolution: 'refunded by hand' }])
  expect(after(resolve('of nothing')).seq).toBe(1)
})

test('reports that are not believed are bounded, and money that is believed is not', () => {
  const reports = Array.from({ length: 150 }, (_report, index): PaidFact => ({
    ...paid,
    transactionId: `42${index}`,
    total: toFen(99),
  }))
  const full = after(...reports)
  expect(full.anomalies).toHaveLength(100)
  const more = after(...reports, paid, { ...paid, transactionId: '43' }, closed)
  expect(more).toMatchObject({ status: 'PAID', transactions: [{}, {}] })
  expect(more.anomalies).toHaveLength(102)
  const kinds = new Set(more.anomalies.map(({ kind }) => kind))
  expect(kinds).toEqual(new Set(['AMOUNT_MISMATCH', 'DUPLICATE_PAYMENT', 'PAID_AFTER_CLOSE']))
})

test('a full order leaves out what it would doubt and does not know, and nothing else', () => {
  const doubted = (number: number): PaidFact => ({
    ...paid,
    transactionId: `42${number}`,
    total: toFen(99),
  })
  const almost = after(...Array.from({ length: 99 }, (_fact, index) => doubted(index)))
  const full = after(...Array.from({ length: 100 }, (_fact, index) => doubted(index)))
  const mismatch = { ...paid, payeeMismatch: 'Another payee.' }
  const reused = { ...paid, paidOrder: 'T00002' }
  const kinds = (order: Order): readonly unknown[] =>
    [doubted(100), mismatch, reused, doubted(1), paid, started, closed].map(
      (fact) => leftOutOf(order, fact)?.kind,
    )
  expect(kinds(almost)).toEqual(Array.from({ length: 7 }))
  const [amount, payee, transaction] = ['AMOUNT_MISMATCH', 'MERCHANT_MISMATCH', 'TRANSACTION_REUSED']
  expect(kinds(full)).toEqual([amount, payee, transaction, ...Array.from({ length: 4 })])
  expect(leftOutOf(full, mismatch)).toMatchObject({
    detail: 'Another payee.',
    payment: { transactionId: paid.transactionId, total: 100, currency: 'CNY' },
  })
})
