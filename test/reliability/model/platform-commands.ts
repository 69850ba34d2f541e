import { expect } from 'vitest'
import { expectAgreement } from './agreement.ts'
import { attempt, command, naming, pickOrder, type Command, type Death } from './command.ts'
import { closeOrder } from './doors.ts'
import { anomalyId, hear, isNotified, type Model, type ModelOrder, type NotifiedPayment } from './model.ts'
import { startAll } from './merchant-commands.ts'
import { deliver, learnByClosing, payThere } from './platform-side.ts'
import type { World } from './world.ts'

function isPayableThere({ attempts }: ModelOrder): boolean {
  return attempts.length > 0
}

/** A payer pays one of the payments of an order. */
export function pay(slot: number, index: number, evenIfClosed: boolean): Command {
  return command(
    `pay(${slot}, attempt ${index}${evenIfClosed ? ', even if closed' : ''})`,
    ({ orders }) => orders.some(isPayableThere),
    async (model, world) => {
      const order = pickOrder({ ...model, orders: model.orders.filter(isPayableThere) }, slot)
      const { tradeNo } = order.attempts[index % order.attempts.length] ?? { tradeNo: order.outTradeNo }
      const payment = await payThere(world, tradeNo, { evenIfClosed })
      if (payment !== undefined) order.payments.push(payment)
      await expectAgreement(world, order)
    },
  )
}

interface Notified {
  readonly order: ModelOrder
  readonly payment: NotifiedPayment
}

function allNotified({ orders }: Pick<Model, 'orders'>): readonly Notified[] {
  return orders.flatMap((order) => order.payments.filter(isNotified).map((payment) => ({ order, payment })))
}

function pickPayment(model: Model, index: number): Notified {
  const all = allNotified(model)
  const picked = all[index % all.length]
  if (picked === undefined) throw new Error('Nothing was paid.')
  return picked
}

function hasPayment(model: Model): boolean {
  return allNotified(model).length > 0
}

/** How a notification is delivered. */
export interface DeliverChoice {
  readonly copies: number
  /** The gateway's answer is lost on the way back, so that the platform will send it again. */
  readonly isAnswerLost: boolean
  readonly death: Death
}

/** The platform's notification reaches the gateway, which must answer 204 and have heard. */
export async function deliverWell(world: World, { order, payment }: Notified, copies = 1): Promise<void> {
  expect(await deliver(world, payment, copies)).toEqual(Array.from({ length: copies }, () => 204))
  settle(order, payment)
}

/** A 2XX was sent for a true report, so it must have had its effect. */
function settle(order: ModelOrder, payment: NotifiedPayment): void {
  payment.isAcknowledged = true
  payment.arrival = 'settled'
  hear(order, payment)
}

/** A 2XX was sent for a false report, which has raised this anomaly. */
function settleFalsely({ order, payment }: Notified, anomaly: string): void {
  payment.isAcknowledged = true
  payment.falseReports.add(anomaly)
  order.doubts.add(anomaly)
}

/** The platform delivers a notification, for the first time or again. */
export function deliverPayment(index: number, { copies, isAnswerLost, death }: DeliverChoice): Command {
  return command(
    `deliver(payment ${index}, ${copies} copies${isAnswerLost ? ', unheard' : ''}${naming.death(death)})`,
    hasPayment,
    async (model, world) => {
      const { order, payment } = pickPayment(model, index)
      const wasAcknowledged = payment.isAcknowledged
      if (death === undefined) await deliverWell(world, { order, payment }, copies)
      else {
        const statuses = await attempt({ model, world }, { death, orders: [order] }, async () => {
          const answered = await deliver(world, payment, copies)
          if (answered.includes(204)) settle(order, payment)
          return answered
        })
        if (statuses !== 'died') expect(new Set(statuses)).toEqual(new Set([204]))
        else if (payment.arrival === 'never') payment.arrival = 'perhaps'
      }
      if (isAnswerLost && !wasAcknowledged) payment.isAcknowledged = false
      await expectAgreement(world, order)
    },
  )
}

/** The platform reports another amount, properly signed. It is kept, and not believed. */
export function misreport(index: number): Command {
  return command(
    `misreport(payment ${index})`,
    (model) => hasPayment(model) && !pickPayment(model, index).order.isShaken,
    async (model, world) => {
      const notified = pickPayment(model, index)
      const { order, payment } = notified
      const target = { outTradeNo: payment.tradeNo }
      world.simulator.faults.add({ kind: 'wrong-amount', target })
      expect(await deliver(world, payment, 1)).toEqual([204])
      settleFalsely(notified, anomalyId('AMOUNT_MISMATCH', payment.transactionId))
      await expectAgreement(world, order)
    },
  )
}

/** The payments of other orders that were believed there. */
function believedOfOthers(model: Model, order: ModelOrder): readonly Notified[] {
  return allNotified(model).filter(
    (notified) => notified.order !== order && notified.order.heard.has(notified.payment.transactionId),
  )
}

/** A payment of the order, made now if there is none. */
async function anyPayment(world: World, order: ModelOrder): Promise<NotifiedPayment | undefined> {
  const known = order.payments.find(isNotified)
  if (known !== undefined) return known
  await startAll(world, order, ['o-anna'])
  const tradeNo = order.attempts[0]?.tradeNo
  const payment = tradeNo === undefined ? undefined : await payThere(world, tradeNo, { evenIfClosed: true })
  if (payment === undefined) return undefined
  order.payments.push(payment)
  return isNotified(payment) ? payment : undefined
}

function reusers(model: Model): readonly ModelOrder[] {
  return model.orders.filter((order) => !order.isShaken && believedOfOthers(model, order).length > 0)
}

/** The platform reports a payment of an order with the transaction of another order. It is kept, and not believed. */
export function reuse(slot: number): Command {
  return command(
    `reuse(${slot})`,
    (model) => reusers(model).length > 0,
    async (model, world) => {
      const order = pickOrder({ ...model, orders: [...reusers(model)] }, slot)
      const [other] = believedOfOthers(model, order)
      const payment = await anyPayment(world, order)
      if (payment !== undefined && other !== undefined) {
        const target = { outTradeNo: payment.tradeNo }
        world.simulator.faults.add({ kind: 'reused-transaction', from: other.payment.tradeNo, target })
        expect(await deliver(world, payment, 1)).toEqual([204])
        expect(world.simulator.faults.list()).toEqual([])
        settleFalsely({ order, payment }, anomalyId('TRANSACTION_REUSED', other.payment.transactionId))
      }
      await expectAgreement(world, order)
    },
  )
}

function isRushable({ attempts, payments, numbers, isShaken }: ModelOrder): boolean {
  // Under a number that has ended, a payment and the close of the order may be recorded in any order.
  const isPlain = payments.every(isNotified) && numbers.every(({ isEnded }) => !isEnded)
  return !isShaken && attempts.length > 0 && isPlain
}

/**
 * Two payers pay one order. Both payments are reported at the same moment, and the merchant closes the order in that
 * moment.
 */
export function rush(slot: number, copies: number): Command {
  return command(
    `rush(${slot}, ${copies} copies)`,
    ({ orders }) => orders.some(isRushable),
    async (model, world) => {
      const order = pickOrder({ ...model, orders: model.orders.filter(isRushable) }, slot)
      await startAll(world, order, ['o-anna', 'o-bert'])
      for (const { tradeNo } of order.attempts) {
        const payment = await payThere(world, tradeNo, { evenIfClosed: true })
        if (payment !== undefined) order.payments.push(payment)
      }
      const notified = order.payments.filter(isNotified)
      const deliveries = notified.map((payment) => deliverWell(world, { order, payment }, copies))
      await Promise.all([...deliveries, ...(isRushable(order) ? [closeOrder(world, order.id)] : [])])
      if (notified.length === 0 && isRushable(order)) learnByClosing(order, world.now())
      await expectAgreement(world, order)
    },
  )
}
