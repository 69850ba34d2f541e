import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { adoptNumbers, expectAgreement } from './agreement.ts'
import { attempt, command, hasOrder, naming, pickOrder, type Command, type Death } from './command.ts'
import {
  closeOrder,
  confirmPayment,
  createOrder,
  resolveAnomaly,
  startPayment,
  type DoorAnswer,
} from './doors.ts'
import { isOpen, statusOf, type ModelOrder, type Payer } from './model.ts'
import { openElsewhere, type ElsewhereChoice } from './other-system.ts'
import { learnByAsking, learnByClosing, learnByStarting } from './platform-side.ts'
import type { World } from './world.ts'

const MOST_ORDERS = 3
const MINUTE_MS = 60_000

/** More than the time for which a question that a gateway died over holds up another about the same order. */
const TURN_MS = 15_001

function freshOrder(now: Date, minutes: number): ModelOrder {
  return {
    outTradeNo: `M${randomBytes(10).toString('hex')}`,
    total: 100,
    createdAt: now,
    expiresAt: new Date(now.getTime() + minutes * MINUTE_MS),
    id: '',
    attempts: [],
    numbers: [],
    payments: [],
    heard: new Set(),
    doubts: new Set(),
    resolved: new Set(),
    isClosed: false,
    isClosing: false,
    isPaidInRound: false,
    isShaken: false,
  }
}

/** The payer holds a payment now: the one of before, or one under a number that the gateway chose. */
async function expectAttempt(world: World, order: ModelOrder, payer: string): Promise<void> {
  const stored = await world.stored(order.outTradeNo)
  if (stored === undefined) throw new Error(`Order ${order.outTradeNo} is gone.`)
  adoptNumbers(stored, order, payer)
  const usable = order.numbers.find((number) => number.payer === payer && !number.isEnded)
  expect(order.attempts).toContainEqual({ payer, tradeNo: usable?.tradeNo })
}

/** What a start came to: its payment, or that the order was found paid over it. */
async function expectStarted(
  world: World,
  order: ModelOrder,
  { payer, answer }: { readonly payer: string; readonly answer: DoorAnswer },
): Promise<void> {
  const hadRoom = isOpen(order, world.now())
  if (hadRoom) learnByStarting(order, payer, world.now())
  const opens = isOpen(order, world.now())
  if (answer.kind === 'OrderNotPayable') {
    expect(opens).toBe(false)
    return
  }
  expect(answer.kind).toMatch(opens ? /^(CreateOrder|StartPayment)Success$/ : /^CreateOrderSuccess$/)
  expect(answer).toMatchObject({ orderId: order.id, hasPayment: opens })
  if (opens) await expectAttempt(world, order, payer)
}

/** How an order is created. */
export interface CreateChoice {
  readonly payer: Payer | undefined
  readonly minutes: number
  /** What another system of the merchant did with the number before. */
  readonly elsewhere: ElsewhereChoice | undefined
  readonly death: Death
}

/** How an order is created once more. */
export interface RepeatChoice {
  readonly payer: Payer | undefined
  readonly isOtherAmount: boolean
  readonly death: Death
}

/** A merchant creates an order, and a payment with it when there is a payer. */
export function create({ payer, minutes, elsewhere, death }: CreateChoice): Command {
  const before = elsewhere === undefined ? '' : `, number ${naming.elsewhere(elsewhere)}`
  return command(
    `create(${payer ?? 'no payer'}, ${minutes} min${before}${naming.death(death)})`,
    ({ orders }) => orders.length < MOST_ORDERS,
    async (model, world) => {
      const { orders } = model
      const order = freshOrder(world.now(), minutes)
      if (elsewhere !== undefined) await openElsewhere(world, order, elsewhere)
      const answer = await attempt({ model, world }, { death, orders: [order] }, () =>
        createOrder(world, order, payer),
      )
      const stored = await world.stored(order.outTradeNo)
      if (stored === undefined) {
        expect(answer).toBe('died')
        return
      }
      order.id = stored.id
      orders.push(order)
      if (answer !== 'died' && payer !== undefined) await expectStarted(world, order, { payer, answer })
      else if (answer !== 'died')
        expect(answer).toEqual({ kind: 'CreateOrderSuccess', orderId: stored.id, hasPayment: false })
      await expectAgreement(world, order)
    },
  )
}

/** A merchant repeats a createOrder call, perhaps not quite. */
export function createAgain(slot: number, { payer, isOtherAmount, death }: RepeatChoice): Command {
  const what = isOtherAmount ? 'another amount' : (payer ?? 'no payer')
  return command(`createAgain(${slot}, ${what}${naming.death(death)})`, hasOrder, async (model, world) => {
    const order = pickOrder(model, slot)
    const first = order.attempts.find(({ tradeNo }) => tradeNo === order.outTradeNo)
    const isOtherPayer = first !== undefined && payer !== undefined && first.payer !== payer
    const input = isOtherAmount ? { ...order, total: order.total + 1 } : order
    const answer = await attempt({ model, world }, { death, orders: [order] }, () =>
      createOrder(world, input, payer),
    )
    if (answer !== 'died') {
      if (isOtherAmount || isOtherPayer) expect(answer.kind).toBe('OutTradeNoConflict')
      else if (payer === undefined) expect(answer).toMatchObject({ orderId: order.id, hasPayment: false })
      else await expectStarted(world, order, { payer, answer })
    }
    await expectAgreement(world, order)
  })
}

/** A payment by each of these payers is started, if it still can be. */
export async function startAll(world: World, order: ModelOrder, payers: readonly Payer[]): Promise<void> {
  for (const payer of payers) {
    if (!isOpen(order, world.now())) return
    const answer = await startPayment(world, order.id, payer)
    await expectStarted(world, order, { payer, answer })
  }
}

/** A page starts a payment, or resumes one. */
export function start(slot: number, payer: Payer, death: Death): Command {
  return command(`start(${slot}, ${payer}${naming.death(death)})`, hasOrder, async (model, world) => {
    const order = pickOrder(model, slot)
    const answer = await attempt({ model, world }, { death, orders: [order] }, () =>
      startPayment(world, order.id, payer),
    )
    if (answer !== 'died') await expectStarted(world, order, { payer, answer })
    await expectAgreement(world, order)
  })
}

/** A merchant closes an order. */
export function close(slot: number, death: Death): Command {
  return command(`close(${slot}${naming.death(death)})`, hasOrder, async (model, world) => {
    const order = pickOrder(model, slot)
    const answer = await attempt({ model, world }, { death, orders: [order] }, () =>
      closeOrder(world, order.id),
    )
    if (answer !== 'died') {
      learnByClosing(order, world.now())
      expect(answer.kind).toBe(statusOf(order) === 'CLOSED' ? 'OrderSuccess' : 'OrderNotPayable')
    }
    await expectAgreement(world, order)
  })
}

/** A page asks whether it was paid. */
export function confirm(slot: number, death: Death): Command {
  return command(`confirm(${slot}${naming.death(death)})`, hasOrder, async (model, world) => {
    const order = pickOrder(model, slot)
    world.advance(TURN_MS)
    const answer = await attempt({ model, world }, { death, orders: [order] }, () =>
      confirmPayment(world, order.id),
    )
    if (answer !== 'died') {
      expect(answer).toMatchObject({ kind: 'OrderSuccess', orderId: order.id })
      if (order.heard.size === 0) learnByAsking(order, world)
    }
    await expectAgreement(world, order)
  })
}

/** An operator resolves every payment of an order that was not believed. */
export async function resolveAll(world: World, order: ModelOrder): Promise<void> {
  for (const id of order.doubts) {
    if (order.resolved.has(id)) continue
    expect(await resolveAnomaly(world, order.id, id)).toMatchObject({ kind: 'OrderSuccess' })
    order.resolved.add(id)
  }
}

/** See `resolveAll`. */
export function resolve(slot: number): Command {
  return command(`resolve(${slot})`, hasOrder, async (model, world) => {
    const order = pickOrder(model, slot)
    // After a death it is not known which there are.
    if (!order.isShaken) await resolveAll(world, order)
    await expectAgreement(world, order)
  })
}
