import type { Model } from 'mongoose'

/** What was known of the signature of a rejected notification that is kept; the three shares of a merchant. */
export type RejectedSignature = 'valid' | 'key-unknown' | 'invalid'

/** How many rows a merchant may have of one kind. */
export interface RejectionShare {
  readonly rows: number
  /** How many of them may come from one address; null when only the platform can make one. */
  readonly rowsPerAddress: number | null
  /** When there are as many, the oldest are replaced once they have been kept for so long, in milliseconds. */
  readonly keptMs: number
}

const DAY_MS = 24 * 60 * 60 * 1000

/**
 * The shares of each merchant. What a stranger sends never replaces what only the platform can have sent. A message with an
 * unknown key may be admitted by a replay, and strangers can make such messages too: each is kept for a week before a newer
 * one may replace it, so a stranger cannot delete it by sending more.
 */
export const REJECTION_SHARES: Readonly<Record<RejectedSignature, RejectionShare>> = {
  valid: { rows: 2000, rowsPerAddress: null, keptMs: 0 },
  'key-unknown': { rows: 500, rowsPerAddress: 50, keptMs: 7 * DAY_MS },
  invalid: { rows: 200, rowsPerAddress: 50, keptMs: 0 },
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

/** Deletes as many of the oldest rows as one more row needs; false when they are too young to be replaced. */
async function makeRoomIn<T extends RejectionScope & Aging>(
  model: Model<T>,
  scope: RejectionScope,
  { rows, keptUntil }: { readonly rows: number; readonly keptUntil: Date },
): Promise<boolean> {
  const tooMany = (await model.countDocuments({ ...scope })) - rows + 1
  if (tooMany <= 0) return true
  const oldest = await model
    .find({ ...scope }, { receivedAt: 1 })
    .sort({ _id: 1 })
    .limit(tooMany)
    .lean<Aging[]>()
  const replaced = oldest.filter(({ receivedAt }) => receivedAt <= keptUntil).map(({ _id }) => _id)
  if (replaced.length > 0) {
    await model.deleteMany({ _id: { $in: replaced } }, { writeConcern: { w: 1, j: false } })
  }
  return replaced.length === oldest.length
}

/**
 * Makes room for one row in its merchant's share, and in its address's part of that. Several processes at once may exceed
 * a bound by as many rows as they add at the same moment.
 * @returns false when there is none
 */
export async function makeRoom<T extends RejectionScope & Aging>(
  model: Model<T>,
  { merchantId, signature, address }: RejectionScope,
  now: Date,
): Promise<boolean> {
  const { rows, rowsPerAddress, keptMs } = REJECTION_SHARES[signature]
  const keptUntil = new Date(now.getTime() - keptMs)
  const share = { merchantId, signature }
  if (rowsPerAddress !== null && address !== undefined) {
    const part = { rows: rowsPerAddress, keptUntil }
    if (!(await makeRoomIn(model, { ...share, address }, part))) return false
  }
  return makeRoomIn(model, share, { rows, keptUntil })
}
