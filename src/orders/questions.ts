import type { Order } from '../domain/order.ts'
import { createTokenBuckets } from '../operations/token-buckets.ts'

/** Who wants to know: somebody who waits for the answer, or the schedule, which asks for those whom nobody asks for. */
export type Asker = 'caller' | 'schedule'

/** Of what may be saved up, callers leave this much to the schedule: they could come without end. */
const SHARE_OF_SCHEDULE = 1 / 4

/** Keeps questions to the platform few: one at a time for an order, and so many a second for a merchant. */
export interface Questions {
  /** Runs a question about an order, or joins the one that is under way. */
  once(orderId: string, ask: () => Promise<Order>): Promise<Order>
  /** Takes one question from the merchant's budget; false when it, or the share of who asks, is used up for now. */
  spend(merchantId: string, asker: Asker): boolean
  /** Gives back what was taken for a question that somebody else asks instead. */
  giveBack(merchantId: string): void
}

/** `perSecond`: the merchant's budget, at least 1; it may be saved up for two seconds. */
export function createQuestions({
  perSecond,
  now,
}: {
  readonly perSecond: number
  readonly now: () => Date
}): Questions {
  const underWay = new Map<string, Promise<Order>>()
  const capacity = perSecond * 2
  const buckets = createTokenBuckets({ capacity, perSecond, nowMs: () => now().getTime() })
  const reserve = { caller: capacity * SHARE_OF_SCHEDULE, schedule: 0 }

  return {
    once(orderId, ask) {
      const joined = underWay.get(orderId)
      if (joined !== undefined) return joined
      const asked = ask().finally(() => underWay.delete(orderId))
      underWay.set(orderId, asked)
      return asked
    },
    spend: (merchantId, asker) => buckets.tryTake(merchantId, 1, reserve[asker]),
    giveBack: (merchantId) => buckets.giveBack(merchantId),
  }
}
