import { ApiError } from '../../../simulator/api-error.ts'
import type { ModelOrder } from './model.ts'
import { isElsewhere, payThere, stateThere } from './platform-side.ts'
import type { World } from './world.ts'

const HOUR_MS = 3_600_000

/** What another system of the merchant does with the number of an order. */
export interface ElsewhereChoice {
  readonly isOtherAmount: boolean
  /** Whether it is paid, and when. */
  readonly paid: 'not' | 'now' | 'an hour ago'
}

/** Its payer pays. */
export async function payElsewhere(
  world: World,
  order: ModelOrder,
  paidAt: Date = world.now(),
): Promise<void> {
  const payment = await payThere(world, order.outTradeNo, { evenIfClosed: true, paidAt })
  if (payment !== undefined) order.payments.push(payment)
}

/** Another system opens an order under this number at the platform, unless the number is used there. */
export async function openElsewhere(
  world: World,
  order: ModelOrder,
  { isOtherAmount, paid }: ElsewhereChoice,
): Promise<void> {
  const { merchant, simulator } = world
  const { outTradeNo } = order
  const total = isOtherAmount ? order.total + 1 : order.total
  try {
    await simulator.prepayElsewhere({ mchid: merchant.mchId, out_trade_no: outTradeNo, amount: { total } })
  } catch (error) {
    if (error instanceof ApiError) return
    throw error
  }
  if (paid === 'not') return
  const paidAt = new Date(world.now().getTime() - (paid === 'now' ? 0 : HOUR_MS))
  await payElsewhere(world, order, paidAt)
}

/** Tells whether another system's order under this number can be paid. */
export function isPayableElsewhere(world: World, { outTradeNo }: ModelOrder): boolean {
  return isElsewhere(world, outTradeNo) && stateThere(world, outTradeNo) !== 'SUCCESS'
}
