import type { Model } from 'mongoose'
import { UNJOURNALED } from './unjournaled.ts'

/** What was known of the signature of a rejected notification that is kept; the three shares of a merchant. */
export type RejectedSignature = 'valid' | 'key-unknown' | 'invalid'

/** How many rows a merchant may have of one kind. */
export interface RejectionShare {
  readonly rows: number
  /** How many of them may come from one address; null when only the platform can make one. */
  readonly rowsPerAddress: number | null
  /**
   * For so long the oldest rows are kept when there are as many, in milliseconds, and new rows replace the newest; null
   * when new rows always replace the oldest.
   */
  readonly keptMs: number | null
}

const DAY_MS = 24 * 60 * 60 * 1000

/**
 * The shares of each merchant. What a stranger sends never replaces what only the platform can have sent. A message with an
 * unknown key may be admitted by a replay, and strangers can make such messages too. So four fifths of them are kept for a
 * week before newer ones may replace them: no stranger can delete them by sending more. The others are always the newest: no
 * stranger can keep new ones out by having sent many.
 */
export const REJECTION_SHARES: Readonly<Record<RejectedSignature, RejectionShare>> = {
  valid: { rows: 2000, rowsPerAddress: null, keptMs: null },
  'key-unknown': { rows: 500, rowsPerAddress: 50, keptMs: 7 * DAY_MS },
  invalid: { rows: 200, rowsPerAddress: 50, keptMs: null },
}

/** The rows that share a bound. */
export interface RejectionScope {
  readonly merchantId: string
  readonly signature: RejectedSignature
  readonly address?: string
}

/** What the bounds need of a row. */
interface Aging {
  readonly _id: string
  readonly receivedAt: Date
}

/** The part of a bound that is always of the newest rows, also where the oldest are kept. */
const NEWEST_PART = 1 / 5

interface Bound {
  readonly rows: number
  /** Rows that were received later are kept; null when none is. */
  readonly keptUntil: Date | null
}

/** The row that has to go: the oldest once it may be replaced, else the oldest among the newest. */
async function nextToGo<T extends RejectionScope & Aging>(
  model: Model<T>,
  scope: RejectionScope,
  { rows, keptUntil }: Bound,
): Promise<string | undefined> {
  const find = (order: 1 | -1, skipped: number): Promise<Aging | null> =>
    model
      .findOne({ ...scope }, { receivedAt: 1 })
      .sort({ _id: order })
      .skip(skipped)
      .lean<Aging | null>()
  const oldest = await find(1, 0)
  const mayGo = keptUntil === null || oldest === null || oldest.receivedAt <= keptUntil
  return mayGo ? oldest?._id : (await find(-1, Math.floor(rows * NEWEST_PART) - 1))?._id
}

/** Deletes rows until there is room for one more. */
async function makeRoomIn<T extends RejectionScope & Aging>(
  model: Model<T>,
  scope: RejectionScope,
  bound: Bound,
): Promise<void> {
  const tooMany = (await model.countDocuments({ ...scope })) - bound.rows + 1
  for (let row = 0; row < tooMany; row += 1) {
    const _id = await nextToGo(model, scope, bound)
    // Another process has made room meanwhile.
    if (_id === undefined) return
    await model.deleteOne({ _id }, UNJOURNALED)
  }
}

/**
 * Makes room for one row in its merchant's share, and in its address's part of that. Several processes at once may exceed
 * a bound by as many rows as they add at the same moment; the next row makes up for it.
 */
export async function makeRoom<T extends RejectionScope & Aging>(
  model: Model<T>,
  { merchantId, signature, address }: RejectionScope,
  now: Date,
): Promise<void> {
  const { rows, rowsPerAddress, keptMs } = REJECTION_SHARES[signature]
  const keptUntil = keptMs === null ? null : new Date(now.getTime() - keptMs)
  const share = { merchantId, signature }
  if (rowsPerAddress !== null && address !== undefined) {
    await makeRoomIn(model, { ...share, address }, { rows: rowsPerAddress, keptUntil })
  }
  await makeRoomIn(model, share, { rows, keptUntil })
}
