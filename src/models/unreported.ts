import type { Model } from 'mongoose'
import { anomaliesAfter, type Order } from '../domain/order.ts'
import { toOrder, UNREPORTED_INDEX, type OrderRecord } from './order-record.ts'
import { reportDueAfter } from './report-lines.ts'
import { UNJOURNALED } from './unjournaled.ts'

/** Anomalies of an order whose lines the log may lack. */
export interface Unreported {
  readonly order: Order
  readonly anomalyIds: readonly string[]
}

/** Which new anomalies have no line in the log yet, among any number of processes. */
export interface ReportDesk {
  /**
   * Takes one order whose lines were due at a moment of the clock that all processes share, from `now` on for as long as writing
   * them may take. Of an order that is taken and not noted as reported, the lines are due again after that.
   */
  takeUnreported(dueAt: Date, now: Date): Promise<Unreported | undefined>
  /** Notes that the log has the lines. It needs no `rev`, so that nobody loses a race to it. */
  noteReported(id: string, anomalyIds: readonly string[]): Promise<void>
}

/** What a write notes about the anomalies that it adds; nothing of one that adds none. */
export function unreportedUpdate(known: Order, next: Order) {
  const ids = anomaliesAfter(next, known.seq).map(({ id }) => id)
  if (ids.length === 0) return { $set: {} }
  // Added to what is there: what another process takes off meanwhile must not come back.
  return {
    $set: { reportDueAt: reportDueAfter(next.storedAt ?? next.updatedAt) },
    $addToSet: { unreported: { $each: ids } },
  }
}

/** Registers the reports in the orders' own documents. A note that is lost costs a second line, so none waits for the journal. */
export function reportDesk(model: Model<OrderRecord>): ReportDesk {
  return {
    async takeUnreported(dueAt, now) {
      const taken = await model
        .findOneAndUpdate(
          // The type must be named as the index names it.
          { unreported: { $type: 'string' }, reportDueAt: { $lte: dueAt } },
          { $set: { reportDueAt: reportDueAfter(now) } },
          { sort: { reportDueAt: 1 }, hint: UNREPORTED_INDEX, returnDocument: 'after', ...UNJOURNALED },
        )
        .lean<OrderRecord | null>()
      const order = toOrder(taken)
      return order && { order, anomalyIds: taken?.unreported ?? [] }
    },
    async noteReported(id, anomalyIds) {
      await model.updateOne({ _id: id }, { $pullAll: { unreported: [...anomalyIds] } }, UNJOURNALED)
    },
  }
}
