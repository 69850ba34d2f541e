import type { Connection, Model, QueryFilter } from 'mongoose'
import type { Explanation } from '../domain/explanation.ts'
import { isDuplicateKey } from './duplicate-key.ts'
import { MAX_COUNTED } from './listing.ts'
import type { NotificationSelection, Page } from './notification.ts'
import {
  ORDER_INDEX,
  rejectionSchema,
  toRecord,
  toStored,
  type Rejection,
  type RejectionRecord,
  type StoredRejection,
} from './rejection-record.ts'
import { makeRoom } from './rejection-room.ts'
import { UNJOURNALED } from './unjournaled.ts'

/**
 * The rejected notifications. Each merchant has a bounded number of rows for each of what is known of their signature (see
 * `REJECTION_SHARES`), and each row has a bounded size.
 */
export interface RejectionLog {
  /**
   * Keeps a rejected notification, or counts it on the row of the same message.
   * @returns the explanation on its row; undefined when that row was replaced at the same moment
   */
  add(rejection: Rejection): Promise<Explanation | undefined>
  byId(id: string): Promise<StoredRejection | undefined>
  /** Rejected notifications have one outcome, so a selection by another one is empty. */
  list(selection: NotificationSelection, page: Page): Promise<readonly StoredRejection[]>
  count(selection: NotificationSelection): Promise<number>
}

function selectsRejected({ outcome }: NotificationSelection): boolean {
  return outcome === undefined || outcome.includes('REFUSED')
}

function filterOf({ merchantId, orderId, verdict }: NotificationSelection): QueryFilter<RejectionRecord> {
  return {
    ...(orderId !== undefined && { orderId }),
    ...(merchantId !== undefined && { merchantId }),
    ...(verdict !== undefined && { verdict: { $in: [...verdict] } }),
  }
}

/** The index that answers a selection; without a name the server would try out others, or read the rows themselves. */
function indexOf({ merchantId, orderId, verdict }: NotificationSelection): Record<string, 1 | -1> {
  if (orderId !== undefined) return ORDER_INDEX
  if (merchantId === undefined && verdict === undefined) return { _id: 1 }
  return {
    ...(merchantId !== undefined && { merchantId: 1 }),
    ...(verdict !== undefined && { verdict: 1 }),
    _id: -1,
  }
}

async function countAgain(
  model: Model<RejectionRecord>,
  { merchantId, signature, fingerprint, receivedAt }: Rejection,
): Promise<Explanation | undefined> {
  if (fingerprint === null) return undefined
  const known = await model
    .findOneAndUpdate(
      { merchantId, signature, fingerprint },
      { $inc: { attempts: 1 }, $set: { lastReceivedAt: receivedAt } },
      { projection: { explanation: 1 }, ...UNJOURNALED },
    )
    .lean<Pick<RejectionRecord, 'explanation'> | null>()
  return known?.explanation
}

async function insert(model: Model<RejectionRecord>, rejection: Rejection): Promise<Explanation | undefined> {
  const record = toRecord(rejection, await rejection.findOrderId())
  try {
    await model.create(record)
    return record.explanation
  } catch (error) {
    // Two deliveries of one message at the same moment: the second is counted on the row of the first.
    if (isDuplicateKey(error)) return countAgain(model, rejection)
    throw error
  }
}

/** Registers the collection `rejectedNotifications` on a connection. */
export function rejectionLog(connection: Connection): RejectionLog {
  const model = connection.model<RejectionRecord>('Rejection', rejectionSchema)
  return {
    async add(rejection) {
      const known = await countAgain(model, rejection)
      if (known !== undefined) return known
      await makeRoom(model, rejection, rejection.receivedAt)
      return insert(model, rejection)
    },
    async byId(id) {
      const record = await model.findById(id).lean<RejectionRecord | null>()
      return record === null ? undefined : toStored(record)
    },
    async list(selection, { first, before }) {
      if (!selectsRejected(selection)) return []
      const older = before === undefined ? {} : { _id: { $lt: before } }
      const records = await model
        .find({ ...filterOf(selection), ...older })
        .sort({ _id: -1 })
        .limit(first)
        .hint(indexOf(selection))
        .lean<RejectionRecord[]>()
      return records.map(toStored)
    },
    async count(selection) {
      if (!selectsRejected(selection)) return 0
      return model.countDocuments(filterOf(selection), { limit: MAX_COUNTED, hint: indexOf(selection) })
    },
  }
}
