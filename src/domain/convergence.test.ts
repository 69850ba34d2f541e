import {
  array,
  assert,
  constantFrom,
  integer,
  oneof,
  property,
  record,
  shuffledSubarray,
  tuple,
} from 'fast-check'
import { expect, test } from 'vitest'
import { decide, decideCreation } from './decide.ts'
import { evolve, fold } from './evolve.ts'
import { toFen } from './money.ts'
import type { Order } from './order.ts'
import type { ClosedFact, Fact, PaidFact, PaymentStartedFact } from './payment-fact.ts'

const RUNS = { numRuns: 10_000 }
const START = Date.parse('2026-01-01T00:00:00Z')
const at = (seconds: number): Date => new Date(START + seconds * 1000)
const origin = { source: 'NOTIFY', cause: null } as const

const created = decideCreation(
  { orderId: 'ord_1', merchantId: 'acme' },
  {
    outTradeNo: 'T00001',
    description: 'tea',
    amount: { total: toFen(100), currency: 'CNY' },
    expiresAt: at(7200),
    metadata: null,
  },
  at(0),
)

/** A number at the platform is one payer's. */
const paymentStarted = integer({ min: 1, max: 3 }).map((attempt): PaymentStartedFact => ({
  ...origin,
  kind: 'payment-started',
  occurredAt: at(attempt),
  attempt: {
    platformTradeNo: `T00001-${attempt}`,
    platform: attempt === 3 ? 'ALIPAY' : 'WECHATPAY',
    appId: 'wx1',
    payerId: `o-${attempt}`,
    // Two attempts of the same second, so that the tie has to be broken.
    createdAt: at(attempt === 3 ? 2 : attempt),
  },
}))

/** What a transaction is follows from its number, as it does at the platform; some cannot be believed. */
const paid = integer({ min: 1, max: 8 }).map((transaction): PaidFact => ({
  ...origin,
  kind: 'paid',
  platform: 'WECHATPAY',
  platformTradeNo: 'T00001-1',
  transactionId: `4200${transaction}`,
  platformState: 'SUCCESS',
  total: toFen(transaction === 5 ? 99 : 100),
  payerTotal: toFen(100 - transaction),
  currency: 'CNY',
  payerId: null,
  payeeMismatch: transaction === 6 ? 'The money went to somebody else.' : null,
  ...(transaction === 8 && { paidOrder: 'T00002' }),
  // 2 and 3 at the same moment; 7 before the order.
  occurredAt: at(transaction === 7 ? -301 : transaction === 3 ? 102 : 100 + transaction),
}))

const closed = record({
  reason: constantFrom('EXPIRED' as const, 'MERCHANT' as const, 'PLATFORM' as const),
  second: integer({ min: 50, max: 52 }),
}).map(({ reason, second }): ClosedFact => ({ ...origin, kind: 'closed', reason, occurredAt: at(second) }))

const facts = array(oneof(paymentStarted, paid, closed), { maxLength: 12 })

/** The same facts twice: in two orders, the second time with repetitions. */
const twoTellings = facts.chain((told) =>
  tuple(
    shuffledSubarray(told, { minLength: told.length, maxLength: told.length }),
    shuffledSubarray([...told, ...told], { minLength: told.length * 2, maxLength: told.length * 2 }),
  ),
)

function tell(told: readonly Fact[]): Order {
  return told.reduce(
    (order, fact, index) => decide(order, fact, at(1000 + index)).reduce(evolve, order),
    fold([created]),
  )
}

/** Everything that the facts say; not how and when this gateway came to hear of them. */
function whatIsKnown({ events: _, seq: __, updatedAt: ___, anomalies, ...state }: Order) {
  return {
    ...state,
    anomalies: anomalies.map(({ id, kind, detail, payment }) => ({ id, kind, detail, payment })),
  }
}

test('any permutation and any repetition of the same facts ends in the same state', () => {
  assert(
    property(twoTellings, ([one, other]) => {
      expect(whatIsKnown(tell(other))).toEqual(whatIsKnown(tell(one)))
    }),
    RUNS,
  )
})

test('the stored events tell the stored state', () => {
  assert(
    property(facts, (told) => {
      const order = tell(told)
      expect(fold(order.events)).toEqual(order)
      expect(order.events.map(({ seq }) => seq)).toEqual(order.events.map((_event, index) => index + 1))
    }),
    RUNS,
  )
})

test('no sequence of facts loses a PAID or makes two', () => {
  assert(
    property(facts, (told) => {
      const order = tell(told)
      const believed = new Set(
        told.flatMap((fact) =>
          fact.kind === 'paid' && Number(fact.transactionId) <= 42004 ? [fact.transactionId] : [],
        ),
      )
      expect(order.status === 'PAID').toBe(believed.size > 0)
      expect(new Set(order.transactions.map(({ transactionId }) => transactionId))).toEqual(believed)
      expect(order.events.filter(({ type }) => type === 'order.paid')).toHaveLength(believed.size > 0 ? 1 : 0)
      const duplicates = order.anomalies.filter(({ kind }) => kind === 'DUPLICATE_PAYMENT')
      expect(duplicates).toHaveLength(Math.max(0, believed.size - 1))
    }),
    RUNS,
  )
})

test('every step keeps what the steps before it established: PAID stays, events only grow', () => {
  assert(
    property(facts, (told) => {
      let order = tell([])
      for (const fact of told) {
        const next = decide(order, fact, at(2000)).reduce(evolve, order)
        if (order.status === 'PAID') expect(next.status).toBe('PAID')
        expect(next.events.slice(0, order.events.length)).toEqual(order.events)
        order = next
      }
    }),
    RUNS,
  )
})
