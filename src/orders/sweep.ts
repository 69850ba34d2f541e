import { nextCheck, type Check } from '../domain/check-schedule.ts'
import { PaymentError } from '../domain/errors.ts'
import { hasEnded } from '../domain/order.ts'
import { isDatabaseTrouble } from '../models/database-trouble.ts'
import type { DueOrder } from '../models/order.ts'
import { createLimit } from '../operations/limit.ts'
import { checkOrder } from './check-order.ts'
import type { OrderPorts } from './ports.ts'
import { LEASE_MS, takeTurn } from './question-turn.ts'
import { createRecalls, type RecallParts } from './recalls.ts'
import { createSweeper, type Sweeper, type SweeperParts } from './sweeper.ts'

/** What the sweep needs. */
export type SweepParts = OrderPorts &
  Pick<SweeperParts, 'questions' | 'merchants' | 'readiness'> &
  Pick<RecallParts, 'elapsedMs'>

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

/** When to ask about an order again that was not asked about; undefined when its question failed in another way. */
function postponed({ now }: SweepParts, due: DueOrder, error: unknown): Check | undefined {
  if (!(error instanceof PaymentError)) return undefined
  if (error.reason !== 'paused' && error.reason !== 'rate-limited') return undefined
  // Behind the pause: the next call to try the account is to be about another order.
  const waitMs = (error.retryAfterSeconds ?? 1) * 1000
  return { ...due, dueAt: new Date(now().getTime() + waitMs) }
}

/**
 * Claims one due order and queries it; false when another process did, or it could not be queried. After a failure the order
 * is due again according to its schedule; it is due as before when this process stops or the database fails during the query,
 * and after the pause when calls of the merchant are paused.
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
    const isAsBefore = leaving?.aborted === true || isDatabaseTrouble(error)
    const again = isAsBefore ? due : postponed(parts, due, error)
    if (again === undefined) reportFailure(parts, claimed, error)
    else return !(await parts.orders.claim(claimed, again)) || again !== due
  }
  return true
}

/** So many orders are claimed at the same time: thousands of merchants must not take all connections to the database. */
const CLAIMS_AT_ONCE = 16

function sweeperOf(parts: SweepParts): Sweeper {
  const limitClaims = createLimit(CLAIMS_AT_ONCE)
  const claim: SweepParts['orders']['claim'] = (due, next) => limitClaims(() => parts.orders.claim(due, next))
  const limited = { ...parts, orders: { ...parts.orders, claim } }
  return createSweeper({ ...parts, takeCare: (due, leaving) => takeCare(limited, due, leaving) })
}

/** Makes what sweeps as long as the process runs, one look after the other, and recalls what lies too far ahead. */
export function createSweep(parts: SweepParts): Sweeper {
  const sweeper = sweeperOf(parts)
  const recalls = createRecalls(parts)
  return {
    look(leaving) {
      recalls.keep()
      return sweeper.look(leaving)
    },
    async settled() {
      await recalls.settled()
      return sweeper.settled()
    },
  }
}

/**
 * Takes care of all orders that are due now, and of nothing afterwards.
 * @returns how many there were
 */
export async function sweep(parts: SweepParts, leaving?: AbortSignal): Promise<number> {
  const sweeper = sweeperOf(parts)
  for (let before = 0; ;) {
    await sweeper.look(leaving)
    const taken = await sweeper.settled()
    if (taken === before) return taken
    before = taken
  }
}
