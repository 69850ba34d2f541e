import { LRUCache } from 'lru-cache'

/** How much may be taken, and how fast it comes back. */
export interface BucketSize {
  /** The most that can be saved up. A key that was never seen has this much. */
  readonly capacity: number
  readonly perSecond: number
  /** The clock, in milliseconds; the process's monotonic clock when absent. */
  readonly nowMs?: () => number
  /** Keys that are remembered; of more, the one that was used longest ago is forgotten, and is full again. */
  readonly maxKeys?: number
}

/** Token buckets, one for each key: an allowance that refills steadily. */
export interface TokenBuckets {
  /** Takes `amount` when it is there and `reserve` is left afterwards; false, and takes nothing, when not. */
  tryTake(key: string, amount?: number, reserve?: number): boolean
  /** Takes `amount`, whether it is there or not: for what is known only once it was spent. */
  take(key: string, amount: number): void
  giveBack(key: string, amount?: number): void
  /** Whole seconds until `amount` is there, at least 1: the value of a `Retry-After` header. */
  secondsUntil(key: string, amount?: number): number
}

interface Bucket {
  tokens: number
  filledAt: number
}

const DEFAULT_MAX_KEYS = 100_000

/** Full buckets. Memory is bounded by `maxKeys`, whoever brings the keys. */
export function createTokenBuckets(size: BucketSize): TokenBuckets {
  const { capacity, perSecond, nowMs = () => performance.now(), maxKeys = DEFAULT_MAX_KEYS } = size
  const buckets = new LRUCache<string, Bucket>({ max: maxKeys })

  function filled(key: string): Bucket {
    const at = nowMs()
    const bucket = buckets.get(key) ?? { tokens: capacity, filledAt: at }
    // The clock may have been set back.
    const seconds = Math.max(0, at - bucket.filledAt) / 1000
    bucket.tokens = Math.min(capacity, bucket.tokens + seconds * perSecond)
    bucket.filledAt = at
    buckets.set(key, bucket)
    return bucket
  }

  return {
    tryTake(key, amount = 1, reserve = 0) {
      const bucket = filled(key)
      if (bucket.tokens < amount + reserve) return false
      bucket.tokens -= amount
      return true
    },
    take(key, amount) {
      filled(key).tokens -= amount
    },
    giveBack(key, amount = 1) {
      const bucket = filled(key)
      bucket.tokens = Math.min(capacity, bucket.tokens + amount)
    },
    secondsUntil: (key, amount = 1) => Math.max(1, Math.ceil((amount - filled(key).tokens) / perSecond)),
  }
}
