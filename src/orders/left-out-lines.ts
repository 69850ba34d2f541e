import type { LeftOut } from '../domain/decide.ts'
import type { Order } from '../domain/order.ts'
import type { Log } from '../operations/log.ts'
import { reportLeftOut } from './report-anomalies.ts'

/** The lines about payments that orders leave out. */
export interface LeftOutLines {
  /** Writes the `error` line about a payment, unless this process has written it before. */
  write(order: Order, leftOut: LeftOut): void
}

/** An order under review is queried on a schedule, and each query finds the payment again. About 100 bytes each. */
const MAX_REMEMBERED = 10_000

/** Begins without a memory: a start writes a line again about what a query of it finds again. */
export function createLeftOutLines(log: Log): LeftOutLines {
  // Oldest first.
  const written = new Set<string>()

  function isNew(key: string): boolean {
    if (written.has(key)) return false
    const [oldest] = written
    if (written.size >= MAX_REMEMBERED && oldest !== undefined) written.delete(oldest)
    written.add(key)
    return true
  }
  return {
    write(order, leftOut) {
      if (isNew(`${order.id} ${leftOut.kind} ${leftOut.payment.transactionId}`))
        reportLeftOut(log, order, leftOut)
    },
  }
}
