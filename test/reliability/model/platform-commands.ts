import { expect } from 'vitest'
import { expectAgreement } from './agreement.ts'
import { attempt, command, naming, pickOrder, type Command, type Death } from './command.ts'
import { closeOrder } from './doors.ts'
import { hear, type Model, type ModelOrder, type ModelPayment } from './model.ts'
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
      const payment = await payThere(world, tradeNo, evenIfClosed)
      if (payment !== undefined) order.payments.push(payment)
      await expectAgreement(world, order)
    },
  )
}

function pickPayment({ orders }: Model, index: number) {
  const all = orders.flatMap((order) => order.payments.map((payment) => ({ order, payment })))
  const picked = all[index % all.length]
  if (picked === undefined) throw new Error('Nobody paid.')
  return picked
}

function hasPayment({ orders }: Model): boolean {
  return orders.some(({ payments }) => payments.length > 0)
}

/** How a notification is delivered. */
export interface DeliverChoice {
  readonly copies: number
  /** The gateway's answer is lost on the way back, so that the platform will send it again. */
  readonly isAnswerLost: boolean
  readonly death: Death
}

/** The platform's notification reaches the gateway, which must answer 204 and have heard. */
export async function deliverWell(
  world: World,
  { order, payment }: { readonly order: ModelOrder; readonly payment: ModelPayment },
  copies = 1,
): Promise<void> {
  expect(await deliver(world, payment, copies)).toEqual(Array.from({ length: copies }, () => 204))
  settle(order, payment)
}

/** A 2XX was sent, so it must have had its effect. */
function settle(order: ModelOrder, payment: ModelPayment): void {
  payment.isAcknowledged = true
  hear(order, payment)
}

/** The platform delivers a notification, for the first time or again. */
export function deliverPayment(index: number, { copies, isAnswerLost, death }: DeliverChoice): Command {
  return command(
    `deliver(payment ${index}, ${copies} copies${isAnswerLost ? ', unheard' : ''}${naming(death)})`,
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
      }
      if (isAnswerLost && !wasAcknowledged) payment.isAcknowledged = false
      await expectAgreement(world, order)
    },
  )
}

/** The platform reports another amount under the same id, properly signed. It is kept beside the right one, and not believed. */
export function misreport(index: number): Command {
  return command(`misreport(payment ${index})`, hasPayment, async (model, world) => {
    const { order, payment } = pickPayment(model, index)
    const target = { outTradeNo: payment.tradeNo }
    world.simulator.faults.add({ kind: 'wrong-amount', target })
    expect(await deliver(world, payment, 1)).toEqual([204])
    order.mismatched.add(payment.transactionId)
    await expectAgreement(world, order)
  })
}

function isRushable({ attempts, isShaken }: ModelOrder): boolean {
  return !isShaken && attempts.length > 0
}

/**
 * Two people pay one order. Both payments are reported at the same moment, and the merchant closes the order in that
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
        const payment = await payThere(world, tradeNo, true)
        if (payment !== undefined) order.payments.push(payment)
      }
      const deliveries = order.payments.map((payment) => deliverWell(world, { order, payment }, copies))
      await Promise.all([...deliveries, closeOrder(world, order.id)])
      if (order.payments.length === 0) learnByClosing(order)
      await expectAgreement(world, order)
    },
  )
}
