import { expect } from 'vitest'
import { fold } from '../../../src/domain/evolve.ts'
import type { Order } from '../../../src/domain/order.ts'
import { historicalPart } from '../history.ts'
import {
  anomaliesOf,
  anomalyId,
  doubtOf,
  hear,
  isNotified,
  statusOf,
  unpaidNumbers,
  type Model,
  type ModelNumber,
  type ModelOrder,
} from './model.ts'
import { isElsewhere, stateThere } from './platform-side.ts'
import type { World } from './world.ts'

function transactionsOf(order: Order): readonly string[] {
  return order.transactions.map(({ transactionId }) => transactionId).sort()
}

function attemptsOf({ attempts }: Order): ModelOrder['attempts'] {
  return attempts.map(({ payerId, platformTradeNo }) => ({ payer: payerId, tradeNo: platformTradeNo }))
}

function numbersOf({ numbers }: Order): readonly ModelNumber[] {
  return numbers.map(({ platformTradeNo, payerId, endedAt, prepay }) => ({
    tradeNo: platformTradeNo,
    payer: payerId,
    isEnded: endedAt !== null,
    resumableUntil: prepay && prepay.expiresAt,
  }))
}

/** A number that has ended cannot be paid at the platform, and a payer has one that has not at most. */
function expectNumbersSound(world: World, stored: Order): void {
  const numbers = numbersOf(stored)
  const names = numbers.map(({ tradeNo }) => tradeNo)
  expect(new Set(names).size).toBe(names.length)
  expect(names).toEqual(expect.arrayContaining(attemptsOf(stored).map(({ tradeNo }) => tradeNo)))
  for (const { tradeNo, isEnded } of numbers) {
    const isPayable = stateThere(world, tradeNo) === 'NOTPAY' && !isElsewhere(world, tradeNo)
    if (isEnded) expect(isPayable, tradeNo).toBe(false)
  }
  const payers = numbers.filter(({ isEnded }) => !isEnded).map(({ payer }) => payer)
  expect(new Set(payers).size).toBe(payers.length)
}

/** What must hold of every order at every moment, whatever happened. */
function expectSound(world: World, stored: Order, { payments }: ModelOrder): void {
  expect(stored.events.map(({ seq }) => seq)).toEqual(stored.events.map((_, index) => index + 1))
  expect(fold(stored.events)).toEqual(historicalPart(stored))
  const paidEvents = stored.events.filter(({ type }) => type === 'order.paid').length
  expect(paidEvents).toBe(stored.transactions.length > 0 ? 1 : 0)
  expect(stored.status === 'PAID').toBe(paidEvents === 1)
  expectNumbersSound(world, stored)
  const paid = payments.map(({ transactionId }) => transactionId)
  expect(paid).toEqual(expect.arrayContaining([...transactionsOf(stored)]))
}

/** Whatever was handed out or only stored of an ended order is paid, closed or unknown at the platform. */
export function expectNothingPayable(world: World, { orders }: Model): void {
  for (const { tradeNo } of orders.flatMap(({ numbers }) => numbers)) {
    if (!isElsewhere(world, tradeNo)) expect(stateThere(world, tradeNo), tradeNo).not.toBe('NOTPAY')
  }
}

function isDoubt(id: string): boolean {
  return /^(AMOUNT_MISMATCH|PAID_BEFORE_ORDER|TRANSACTION_REUSED):/.test(id)
}

/** After a death, a step may have had its effect or not, but nothing that was known is unknown again. */
function adopt(stored: Order, order: ModelOrder): void {
  const before = { heard: order.heard, isClosed: order.isClosed }
  expect(transactionsOf(stored)).toEqual(expect.arrayContaining([...before.heard]))
  order.heard = new Set(transactionsOf(stored))
  order.isClosed =
    stored.status === 'CLOSED' || stored.anomalies.some(({ kind }) => kind === 'PAID_AFTER_CLOSE')
  if (before.isClosed) expect(order.isClosed).toBe(true)
  if (order.isClosing) expect(stored.closing !== null || order.isClosed || order.heard.size > 0).toBe(true)
  order.isClosing = stored.closing !== null
  const doubts = stored.anomalies.map(({ id }) => id).filter(isDoubt)
  expect(doubts).toEqual(expect.arrayContaining([...order.doubts]))
  for (const id of doubts) order.doubts.add(id)
}

/** What was queried of an order after it was found paid, in the same round; it must be known in the end in any case. */
function adoptRest(stored: Order, order: ModelOrder): void {
  const known = new Set([...transactionsOf(stored), ...stored.anomalies.map(({ id }) => id)])
  const numbers = new Set(unpaidNumbers(order).map(({ tradeNo }) => tradeNo))
  for (const payment of order.payments.filter(({ tradeNo }) => numbers.has(tradeNo))) {
    const doubt = doubtOf(order, payment)
    const { transactionId } = payment
    const isKnown = known.has(doubt === undefined ? transactionId : anomalyId(doubt, transactionId))
    if (isKnown) hear(order, payment)
  }
  order.isPaidInRound = false
}

/**
 * The gateway chooses the numbers. Nothing that was handed out is forgotten, and no payer holds more than before, unless a
 * payment of theirs was started.
 */
export function adoptNumbers(stored: Order, order: ModelOrder, starter?: string): void {
  const attempts = attemptsOf(stored)
  expect(attempts).toEqual(expect.arrayContaining([...order.attempts]))
  const added = attempts.filter(({ tradeNo }) => !order.attempts.some((known) => known.tradeNo === tradeNo))
  if (!order.isShaken) {
    expect(added.length).toBeLessThanOrEqual(starter === undefined ? 0 : 1)
    for (const { payer } of added) expect(payer).toBe(starter)
  }
  order.attempts = attempts
  order.numbers = numbersOf(stored)
}

/** Compares an order with what lies in the database. */
export async function expectAgreement(world: World, order: ModelOrder): Promise<void> {
  const stored = await world.stored(order.outTradeNo)
  if (stored === undefined) throw new Error(`Order ${order.outTradeNo} is gone.`)
  expectSound(world, stored, order)
  if (order.isShaken) adopt(stored, order)
  if (order.isPaidInRound) adoptRest(stored, order)
  adoptNumbers(stored, order)
  expect({
    id: stored.id,
    status: stored.status,
    isClosing: stored.closing !== null,
    transactions: transactionsOf(stored),
    anomalies: stored.anomalies.map(({ kind }) => kind).sort(),
  }).toEqual({
    id: order.id,
    status: statusOf(order),
    isClosing: order.isClosing,
    transactions: [...order.heard].sort(),
    anomalies: anomaliesOf(order),
  })
}

/** See `expectAgreement`; all orders. */
export async function expectAllAgree(world: World, { orders }: Model): Promise<void> {
  for (const order of orders) await expectAgreement(world, order)
}

/** Everything that a notification said is kept once and has had its effect. */
export async function expectAllKept(world: World, { orders }: Model): Promise<void> {
  for (const order of orders) {
    const rows = await world.notificationsOf(order.id)
    for (const { notificationId, arrival, falseReports } of order.payments.filter(isNotified)) {
      const kept = rows.filter(({ platformNotificationId }) => platformNotificationId === notificationId)
      const isTrueOne = { never: [0], perhaps: [0, 1], settled: [1] }[arrival]
      expect(isTrueOne.map((count) => count + falseReports.size)).toContain(kept.length)
    }
    const notified = order.payments.map(({ notificationId }) => notificationId)
    for (const { platformNotificationId, outcome } of rows) {
      expect(notified).toContain(platformNotificationId)
      expect(['APPLIED', 'DUPLICATE']).toContain(outcome)
    }
  }
}

function queriedAtTheEnd({ numbers, outTradeNo }: ModelOrder): readonly string[] {
  return numbers.length === 0 ? [outTradeNo] : numbers.map(({ tradeNo }) => tradeNo)
}

const LAST_QUERY_MS = 86_400_000

/** A payment under a number of an order is known in the end, reported or not, if it was made before the last query. */
export async function expectAllFound(world: World, { orders }: Model): Promise<void> {
  for (const order of orders) {
    const stored = await world.stored(order.outTradeNo)
    const end = stored?.events.findLast(({ type }) => type === 'order.paid' || type === 'order.closed')
    // Nothing is queried after the end of an order that no platform knows.
    const afterEnd = order.numbers.length === 0 ? 0 : LAST_QUERY_MS
    const lastQuery = (end?.recordedAt.getTime() ?? 0) + afterEnd
    const numbers = new Set(queriedAtTheEnd(order))
    const found = order.payments.filter(
      ({ tradeNo, paidAt }) => numbers.has(tradeNo) && paidAt.getTime() < lastQuery,
    )
    for (const payment of found) {
      const doubt = doubtOf(order, payment)
      if (doubt === undefined) expect(order.heard).toContain(payment.transactionId)
      else expect(order.doubts).toContain(anomalyId(doubt, payment.transactionId))
    }
  }
}
