import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { adoptAttempts, expectAgreement } from './agreement.ts'
import { attempt, command, hasOrder, naming, pickOrder, type Command, type Death } from './command.ts'
import { closeOrder, confirmPayment, createOrder, startPayment, type DoorAnswer } from './doors.ts'
import { isOpen, statusOf, type ModelOrder, type Payer } from './model.ts'
import { learnByAsking, learnByClosing } from './platform-side.ts'
import type { World } from './world.ts'

const MOST_ORDERS = 3
const MINUTE_MS = 60_000

/** More than the time for which a question that a gateway died over holds up another about the same order. */
const TURN_MS = 15_001

function freshOrder(now: Date, minutes: number): ModelOrder {
  return {
    outTradeNo: `M${randomBytes(10).toString('hex')}`,
    total: 100,
    expiresAt: new Date(now.getTime() + minutes * MINUTE_MS),
    id: '',
    attempts: [],
    payments: [],
    heard: new Set(),
    mismatched: new Set(),
    isClosed: false,
    isRestDue: false,
    isShaken: false,
    mayMissNumber: false,
  }
}

interface StartedChoice {
  readonly order: ModelOrder
  readonly payer: string
  readonly answer: DoorAnswer
}

/** The payer has a number now: the one of before, or a new one that the gateway chose. */
async function expectAttempt(world: World, { order, payer, answer }: StartedChoice): Promise<void> {
  expect(answer.kind).toMatch(/^(CreateOrder|StartPayment)Success$/)
  expect(answer).toMatchObject({ orderId: order.id, hasPayment: true })
  if (!order.attempts.some((known) => known.payer === payer)) {
    const stored = await world.stored(order.outTradeNo)
    const expected = [...order.attempts.map((known) => known.payer), payer]
    expect(stored?.attempts.map(({ payerId }) => payerId).sort()).toEqual(expected.sort())
    if (stored !== undefined) adoptAttempts(stored, order)
  }
}

/** How an order is created. */
export interface CreateChoice {
  readonly payer: Payer | undefined
  readonly minutes: number
  readonly death: Death
}

/** How an order is created once more. */
export interface RepeatChoice {
  readonly payer: Payer | undefined
  readonly isOtherAmount: boolean
  readonly death: Death
}

/** A merchant creates an order, and a payment with it when there is a payer. */
export function create({ payer, minutes, death }: CreateChoice): Command {
  return command(
    `create(${payer ?? 'no payer'}, ${minutes} min${naming(death)})`,
    ({ orders }) => orders.length < MOST_ORDERS,
    async (model, world) => {
      const { orders } = model
      const order = freshOrder(world.now(), minutes)
      const answer = await attempt({ model, world }, { death, orders: [order] }, () =>
        createOrder(world, order, payer),
      )
      const stored = await world.stored(order.outTradeNo)
      if (answer === 'died') order.mayMissNumber = payer !== undefined
      else {
        expect(answer).toEqual({
          kind: 'CreateOrderSuccess',
          orderId: stored?.id,
          hasPayment: payer !== undefined,
        })
      }
      if (stored === undefined) return
      order.id = stored.id
      orders.push(order)
      if (answer !== 'died' && payer !== undefined) await expectAttempt(world, { order, payer, answer })
      await expectAgreement(world, order)
    },
  )
}

/** A merchant repeats a createOrder call, perhaps not quite. */
export function createAgain(slot: number, { payer, isOtherAmount, death }: RepeatChoice): Command {
  const what = isOtherAmount ? 'another amount' : (payer ?? 'no payer')
  return command(`createAgain(${slot}, ${what}${naming(death)})`, hasOrder, async (model, world) => {
    const order = pickOrder(model, slot)
    const first = order.attempts.find(({ tradeNo }) => tradeNo === order.outTradeNo)
    const isOtherPayer = first !== undefined && payer !== undefined && first.payer !== payer
    const input = isOtherAmount ? { ...order, total: order.total + 1 } : order
    const opens = isOpen(order, world.now()) && payer !== undefined
    const answer = await attempt({ model, world }, { death, orders: [order] }, () =>
      createOrder(world, input, payer),
    )
    if (answer === 'died') order.mayMissNumber ||= order.attempts.length === 0
    else if (isOtherAmount || isOtherPayer) expect(answer.kind).toBe('OutTradeNoConflict')
    else if (!opens) expect(answer).toMatchObject({ orderId: order.id, hasPayment: false })
    else await expectAttempt(world, { order, payer, answer })
    await expectAgreement(world, order)
  })
}

/** A payment by each of these payers is started, if it still can be. */
export async function startAll(world: World, order: ModelOrder, payers: readonly Payer[]): Promise<void> {
  for (const payer of payers) {
    if (!isOpen(order, world.now())) return
    const answer = await startPayment(world, order.id, payer)
    await expectAttempt(world, { order, payer, answer })
  }
}

/** A page starts a payment, or resumes one. */
export function start(slot: number, payer: Payer, death: Death): Command {
  return command(`start(${slot}, ${payer}${naming(death)})`, hasOrder, async (model, world) => {
    const order = pickOrder(model, slot)
    const opens = isOpen(order, world.now())
    const answer = await attempt({ model, world }, { death, orders: [order] }, () =>
      startPayment(world, order.id, payer),
    )
    if (answer === 'died') order.mayMissNumber ||= order.attempts.length === 0
    else if (!opens) expect(answer.kind).toBe('OrderNotPayable')
    else await expectAttempt(world, { order, payer, answer })
    await expectAgreement(world, order)
  })
}

/** A merchant closes an order. */
export function close(slot: number, death: Death): Command {
  return command(`close(${slot}${naming(death)})`, hasOrder, async (model, world) => {
    const order = pickOrder(model, slot)
    const answer = await attempt({ model, world }, { death, orders: [order] }, () =>
      closeOrder(world, order.id),
    )
    if (answer !== 'died') {
      learnByClosing(order)
      expect(answer.kind).toBe(statusOf(order) === 'PAID' ? 'OrderNotPayable' : 'OrderSuccess')
    }
    await expectAgreement(world, order)
  })
}

/** A page asks whether it was paid. */
export function confirm(slot: number, death: Death): Command {
  return command(`confirm(${slot}${naming(death)})`, hasOrder, async (model, world) => {
    const order = pickOrder(model, slot)
    world.advance(TURN_MS)
    const answer = await attempt({ model, world }, { death, orders: [order] }, () =>
      confirmPayment(world, order.id),
    )
    if (answer !== 'died') {
      expect(answer).toMatchObject({ kind: 'OrderSuccess', orderId: order.id })
      if (order.heard.size === 0) learnByAsking(order)
    }
    await expectAgreement(world, order)
  })
}
