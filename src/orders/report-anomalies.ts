import type { Anomaly, AnomalyKind } from '../domain/anomaly.ts'
import type { LeftOut } from '../domain/decide.ts'
import { anomaliesAfter, type Order } from '../domain/order.ts'
import { noted } from '../models/report-lines.ts'
import type { Log } from '../operations/log.ts'
import type { OrderPorts } from './ports.ts'

const REFUND_IT = 'refund the transaction in the console of the platform'

/** What a person is to do about each kind. */
const WHAT_TO_DO: Readonly<Record<AnomalyKind, string>> = {
  PAID_AFTER_CLOSE: 'deliver, or refund the order',
  DUPLICATE_PAYMENT: REFUND_IT,
  AMOUNT_MISMATCH: `the order is not paid by it: find out which sale it belongs to, or ${REFUND_IT}`,
  MERCHANT_MISMATCH:
    "the order is not paid by it: check mchId and appIds in the configuration; if they are right, the payment is not this merchant's",
  PAID_BEFORE_ORDER: `the order is not paid by it: its number was used before; find out which sale the payment belongs to, or ${REFUND_IT}`,
  TRANSACTION_REUSED:
    'the order is not paid by it: find out why the platform names one transaction for two orders',
  REFUND_ABNORMAL: 'the platform could not pay the refund out: retry it to another account',
  REFUND_UNEXPECTED: 'a refund was made outside this gateway: check who made it',
}

/** What reporting needs. */
export interface ReportPorts extends Pick<OrderPorts, 'log' | 'clock'> {
  readonly orders: Pick<OrderPorts['orders'], 'takeUnreported' | 'noteReported'>
}

function writeLine(log: Log, order: Order, anomaly: Anomaly): void {
  const { id: orderId, merchantId, outTradeNo } = order
  const { id: anomalyId, kind, detail, payment } = anomaly
  const { transactionId, total, currency } = payment ?? {}
  const fields = { merchantId, outTradeNo, orderId, anomalyId, kind, transactionId, total, currency }
  log.error(
    fields,
    `An anomaly of order ${outTradeNo}: ${detail} What to do: ${WHAT_TO_DO[kind]}; then call resolveAnomaly.`,
  )
}

function note({ orders, log }: ReportPorts, order: Order, anomalyIds: readonly string[]): Promise<void> {
  const { merchantId, outTradeNo } = order
  return noted(orders.noteReported(order.id, anomalyIds), (err) => {
    const fields = { merchantId, outTradeNo, anomalyIds, err }
    log.warn(fields, 'The lines about anomalies of an order could not be noted, and may be written again.')
  })
}

/**
 * Writes an `error` line for each anomaly that the events after `seq` brought: somebody has to look at that money. To be called
 * after the write that stored them; when that does not happen, `reportUnreported` writes the lines.
 */
export async function reportAnomalies(ports: ReportPorts, order: Order, seq: number): Promise<void> {
  const anomalies = anomaliesAfter(order, seq)
  if (anomalies.length === 0) return
  for (const anomaly of anomalies) writeLine(ports.log, order, anomaly)
  await note(
    ports,
    order,
    anomalies.map(({ id }) => id),
  )
}

/**
 * Writes the lines that are missing because a process died, or the database's answer was lost, between the write of an anomaly
 * and its line. Of several processes that look at once, one writes each.
 * @param leaving nothing further is reported once it aborts
 */
export async function reportUnreported(ports: ReportPorts, leaving?: AbortSignal): Promise<void> {
  // What was due at the beginning, so that each order is taken once, and the round ends.
  const dueAt = await ports.clock.stamp()
  const take = async () =>
    leaving?.aborted === true ? undefined : ports.orders.takeUnreported(dueAt, await ports.clock.stamp())
  for (let taken = await take(); taken !== undefined; taken = await take()) {
    const { order, anomalyIds } = taken
    for (const anomaly of order.anomalies)
      if (anomalyIds.includes(anomaly.id)) writeLine(ports.log, order, anomaly)
    await note(ports, order, anomalyIds)
  }
}

/** Writes the `error` line about a payment that an order leaves out. The order has no anomaly for it that could be resolved. */
export function reportLeftOut(log: Log, order: Order, { kind, detail, payment }: LeftOut): void {
  const { id: orderId, merchantId, outTradeNo, anomalies } = order
  const { transactionId, total, currency } = payment
  const fields = { merchantId, outTradeNo, orderId, kind, transactionId, total, currency }
  const why = `which has ${anomalies.length} anomalies and records no more`
  log.error(
    fields,
    `A payment is left out of order ${outTradeNo}, ${why}: ${detail} What to do: ${WHAT_TO_DO[kind]}.`,
  )
}
