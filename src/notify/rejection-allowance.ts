import { createTokenBuckets, type TokenBuckets } from '../operations/token-buckets.ts'
import type { RejectedSignature } from '../models/rejection-room.ts'

/** Whose allowance a write is taken from. */
export interface RejectionWrite {
  readonly merchantId: string
  readonly signature: RejectedSignature
  /** The address that sent it, or the message itself where only the platform can have made it. */
  readonly source: string
  readonly bytes: number
}

const KIB = 1024

interface Rate {
  /** In bytes. */
  readonly capacity: number
  /** Bytes a second. */
  readonly perSecond: number
}

/** One source, whomever it sends messages of one kind: about a dozen real notifications at once, and one every four seconds. */
const PER_SOURCE: Rate = { capacity: 48 * KIB, perSecond: KIB }

/** One merchant. A single source can take a quarter of it at most, so others find room beside it. */
const PER_MERCHANT: Readonly<Record<RejectedSignature, Rate>> = {
  valid: { capacity: 1024 * KIB, perSecond: 16 * KIB },
  'key-unknown': { capacity: 256 * KIB, perSecond: 8 * KIB },
  invalid: { capacity: 192 * KIB, perSecond: 4 * KIB },
}

/** All merchants together; this is the most that strangers can make one process write in the long run. */
const IN_ALL: Readonly<Record<RejectedSignature, Rate>> = {
  valid: { capacity: 4096 * KIB, perSecond: 64 * KIB },
  'key-unknown': { capacity: 512 * KIB, perSecond: 16 * KIB },
  invalid: { capacity: 256 * KIB, perSecond: 8 * KIB },
}

type Clock = () => number

function bucketsOf(rates: Readonly<Record<RejectedSignature, Rate>>, nowMs: Clock) {
  return {
    valid: createTokenBuckets({ ...rates.valid, nowMs }),
    'key-unknown': createTokenBuckets({ ...rates['key-unknown'], nowMs }),
    invalid: createTokenBuckets({ ...rates.invalid, nowMs }),
  }
}

/** Tells whether a rejected notification may be written now, and takes its bytes from every allowance if so. */
export type RejectionAllowance = (write: RejectionWrite) => boolean

/** The allowances of one process. Each of `signature` has its own, so that noise takes nothing from the others. */
export function createRejectionAllowance(nowMs: Clock = () => performance.now()): RejectionAllowance {
  const ofSource = createTokenBuckets({ ...PER_SOURCE, nowMs })
  const ofMerchant = bucketsOf(PER_MERCHANT, nowMs)
  const inAll = bucketsOf(IN_ALL, nowMs)
  return function mayWrite({ merchantId, signature, source, bytes }) {
    const needed: readonly (readonly [TokenBuckets, key: string])[] = [
      [ofSource, `${signature} ${source}`],
      [ofMerchant[signature], merchantId],
      [inAll[signature], 'all'],
    ]
    const missing = needed.findIndex(([buckets, key]) => !buckets.tryTake(key, bytes))
    for (const [buckets, key] of needed.slice(0, Math.max(0, missing))) buckets.giveBack(key, bytes)
    return missing === -1
  }
}
