import { expect } from 'vitest'
import { fold } from '../../../src/domain/evolve.ts'
import type { Order } from '../../../src/domain/order.ts'
import { anomaliesOf, statusOf, type Model, type ModelOrder } from './model.ts'
import { stateThere } from './platform-side.ts'
import type { World } from './world.ts'

function transactionsOf(order: Order): readonly string[] {
  return order.transactions.map(({ transactionId }) => transactionId).sort()
}

/** What must hold of every order at every moment, whatever happened. */
function expectSound(stored: Order, { payments, mayMissNumber }: ModelOrder): void {
  expect(stored.events.map(({ seq }) => seq)).toEqual(stored.events.map((_, index) => index + 1))
  expect(fold(stored.events)).toEqual(stored)
  const paidEvents = stored.events.filter(({ type }) => type === 'order.paid').length
  expect(paidEvents).toBe(stored.transactions.length > 0 ? 1 : 0)
  expect(stored.status === 'PAID').toBe(paidEvents === 1)
  const numbers = stored.attempts.map(({ platformTradeNo }) => platformTradeNo)
  expect(numbers.length === 0 || mayMissNumber || numbers.includes(stored.outTradeNo)).toBe(true)
  const paid = payments.map(({ transactionId }) => transactionId)
  expect(paid).toEqual(expect.arrayContaining([...transactionsOf(stored)]))
}

/** Whatever a payer was given to pay an ended order with is paid or closed at the platform. */
export function expectNothingPayable(world: World, { orders }: Model): void {
  for (const { tradeNo } of orders.flatMap(({ attempts }) => attempts)) {
    expect(['SUCCESS', 'CLOSED']).toContain(stateThere(world, tradeNo))
  }
}

/** After a death, a step may have had its effect or not, but nothing that was known is unknown again. */
function adopt(stored: Order, order: ModelOrder): void {
  const before = { heard: order.heard, attempts: order.attempts, isClosed: order.isClosed }
  expect(transactionsOf(stored)).toEqual(expect.arrayContaining([...before.heard]))
  order.heard = new Set(transactionsOf(stored))
  order.isClosed =
    stored.status === 'CLOSED' || stored.anomalies.some(({ kind }) => kind === 'PAID_AFTER_CLOSE')
  if (before.isClosed) expect(order.isClosed).toBe(true)
  const numbers = stored.attempts.map(({ platformTradeNo }) => platformTradeNo)
  expect(numbers).toEqual(expect.arrayContaining(before.attempts.map(({ tradeNo }) => tradeNo)))
  adoptAttempts(stored, order)
}

/** The gateway chooses the number of a further attempt, and the order in which it goes through them. */
export function adoptAttempts(stored: Order, order: ModelOrder): void {
  order.attempts = stored.attempts.map(({ payerId, platformTradeNo }) => ({
    payer: payerId,
    tradeNo: platformTradeNo,
  }))
}

/** Compares an order with what lies in the database. */
export async function expectAgreement(world: World, order: ModelOrder): Promise<void> {
  const stored = await world.stored(order.outTradeNo)
  if (stored === undefined) throw new Error(`Order ${order.outTradeNo} is gone.`)
  expectSound(stored, order)
  if (order.isShaken) {
    adopt(stored, order)
    order.isRestDue = await world.isScheduled(order.outTradeNo)
  }
  expect({
    id: stored.id,
    status: stored.status,
    attempts: stored.attempts.map(({ platformTradeNo }) => platformTradeNo),
    transactions: transactionsOf(stored),
    anomalies: stored.anomalies.map(({ kind }) => kind).sort(),
  }).toEqual({
    id: order.id,
    status: statusOf(order),
    attempts: order.attempts.map(({ tradeNo }) => tradeNo),
    transactions: [...order.heard].sort(),
    anomalies: anomaliesOf(order),
  })
}

/** See `expectAgreement`; all orders. */
export async function expectAllAgree(world: World, { orders }: Model): Promise<void> {
  for (const order of orders) await expectAgreement(world, order)
}

/** Every acknowledged notification is kept once for each thing that it said, and has had its effect. */
export async function expectAllKept(world: World, { orders }: Model): Promise<void> {
  for (const order of orders) {
    const rows = await world.notificationsOf(order.id)
    const kept = rows.flatMap(({ platformNotificationId }) => platformNotificationId ?? []).sort()
    const acknowledged = order.payments.filter(({ isAcknowledged }) => isAcknowledged)
    const misreported = order.payments.filter(({ transactionId }) => order.mismatched.has(transactionId))
    expect(kept).toEqual([...acknowledged, ...misreported].map(({ notificationId }) => notificationId).sort())
    for (const { outcome } of rows) expect(['APPLIED', 'DUPLICATE']).toContain(outcome)
    for (const { transactionId } of acknowledged) expect(order.heard).toContain(transactionId)
  }
}
