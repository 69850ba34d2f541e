import type { Order } from '../domain/order.ts'

/** Keeps questions to the platform few: one at a time for an order, and so many a second for a merchant. */
export interface Questions {
  /** Runs a question about an order, or joins the one that is under way. */
  once(orderId: string, ask: () => Promise<Order>): Promise<Order>
  /** Takes one question from the merchant's budget; false when it is used up for now. */
  spend(merchantId: string): boolean
  /** Gives back what was taken for a question that somebody else asks instead. */
  giveBack(merchantId: string): void
}

interface Bucket {
  tokens: number
  filledAt: number
}

/** `perSecond`: the merchant's budget; it may be saved up for two seconds. */
export function createQuestions({
  perSecond,
  now,
}: {
  readonly perSecond: number
  readonly now: () => Date
}): Questions {
  const underWay = new Map<string, Promise<Order>>()
  const buckets = new Map<string, Bucket>()
  const capacity = perSecond * 2

  function bucketOf(merchantId: string): Bucket {
    const at = now().getTime()
    const bucket = buckets.get(merchantId) ?? { tokens: capacity, filledAt: at }
    const seconds = Math.max(0, at - bucket.filledAt) / 1000
    bucket.tokens = Math.min(capacity, bucket.tokens + seconds * perSecond)
    bucket.filledAt = at
    buckets.set(merchantId, bucket)
    return bucket
  }

  return {
    once(orderId, ask) {
      const joined = underWay.get(orderId)
      if (joined !== undefined) return joined
      const asked = ask().finally(() => underWay.delete(orderId))
      underWay.set(orderId, asked)
      return asked
    },
    spend(merchantId) {
      const bucket = bucketOf(merchantId)
      if (bucket.tokens < 1) return false
      bucket.tokens -= 1
      return true
    },
    giveBack(merchantId) {
      const bucket = bucketOf(merchantId)
      bucket.tokens = Math.min(capacity, bucket.tokens + 1)
    },
  }
}
