import { nextCheck } from '../domain/check-schedule.ts'
import { hasEnded } from '../domain/order.ts'
import { isDatabaseTrouble } from '../models/database-trouble.ts'
import type { DueOrder } from '../models/order.ts'
import { checkOrder } from './check-order.ts'
import type { OrderPorts } from './ports.ts'
import { LEASE_MS, takeTurn } from './question-turn.ts'
import type { Questions } from './questions.ts'

/** What the sweep needs. */
export interface SweepParts extends OrderPorts {
  readonly questions: Questions
  /** Ids of the merchants whose orders are looked after. */
  readonly merchants: readonly string[]
}

/** Orders that one round looks at, and how many of them at the same time. */
const BATCH = 200
const AT_ONCE = 8

/** A question that is under way is as good as this one, unless its process is dead: the same rung again, after it. */
async function comeBack({ orders, now }: SweepParts, claimed: DueOrder, rung: number): Promise<void> {
  await orders.claim(claimed, { dueAt: new Date(now().getTime() + LEASE_MS), rung })
}

/**
 * Says that an order could not be checked: each time until the last rung, and when that is reached of an order that
 * should be over, for the last time and louder. Such an order is asked about on, and would fill the log for ever.
 */
function reportFailure({ log, ladder, now }: SweepParts, { order, rung }: DueOrder, error: unknown): void {
  const lastRung = Math.max(1, ladder.length - 1)
  const { outTradeNo, merchantId } = order
  const fields = { outTradeNo, merchantId, err: error }
  const isToBeOver = hasEnded(order) || order.closing !== null || order.expiresAt <= now()
  if (!isToBeOver || rung < lastRung) log.warn(fields, 'An order could not be checked; it will be again.')
  else if (rung === lastRung) log.error(fields, 'An order cannot be settled: a person has to look at it.')
}

/**
 * Claims one due order and asks about it; false when somebody else did. Whatever goes wrong, the order is due again on its
 * next rung; as before, when this process stops or the database fails in the middle of its query.
 */
async function takeCare(parts: SweepParts, due: DueOrder, leaving?: AbortSignal): Promise<boolean> {
  const { order } = due
  const next = nextCheck(order, due, { ladder: parts.ladder, now: parts.now() })
  if (!(await parts.orders.claim(due, next))) return false
  const claimed = { order, ...next }
  try {
    const turn = await takeTurn(parts, order.id)
    if (turn === undefined) await comeBack(parts, claimed, due.rung)
    else await turn.run(() => checkOrder(parts, claimed))
  } catch (error) {
    // The query was given up with the process, or its result was not stored: the order is due as before, for the next sweep.
    if (leaving?.aborted === true || isDatabaseTrouble(error)) await parts.orders.claim(claimed, due)
    else reportFailure(parts, claimed, error)
  }
  return true
}

/**
 * Asks the platform about every order that is due, closes what has expired, and closes what can still be paid of orders
 * that have ended. Any number of processes may do so at the same time: each rung of an order is claimed by one
 * conditional write, by one of them.
 * @param leaving no further order is taken once it aborts; what is not taken stays due
 * @returns how many orders were taken care of
 */
export async function sweep(parts: SweepParts, leaving?: AbortSignal): Promise<number> {
  const overBudget = new Set<string>()
  let taken = 0
  async function work(queue: DueOrder[]): Promise<void> {
    for (let due = queue.shift(); due !== undefined; due = queue.shift()) {
      if (leaving?.aborted === true) return
      const { merchantId } = due.order
      if (overBudget.has(merchantId)) continue
      if (!parts.questions.spend(merchantId, 'schedule')) overBudget.add(merchantId)
      else if (await takeCare(parts, due, leaving)) taken += 1
      else parts.questions.giveBack(merchantId)
    }
  }
  for (;;) {
    const known = overBudget.size
    const merchants = parts.merchants.filter((merchantId) => !overBudget.has(merchantId))
    const batch = await parts.orders.due(parts.now(), { limit: BATCH, merchants })
    const queue = [...batch]
    await Promise.all(Array.from({ length: AT_ONCE }, () => work(queue)))
    // A merchant over its budget may have filled the batch; the others must not wait for it.
    if (leaving?.aborted === true || batch.length < BATCH || overBudget.size === known) return taken
  }
}
