import type { Explanation } from '../domain/explanation.ts'
import type { Order } from '../domain/order.ts'
import type { PaidFact } from '../domain/payment-fact.ts'
import type { NotificationOutcome, StoredNotification } from '../models/notification.ts'
import { recordFact } from '../orders/record-fact.ts'
import type { NotificationReading } from '../platforms/platform.ts'
import type { NotifyPorts } from './ports.ts'
import { SENTENCES } from './sentences.ts'

/** A reading of a callback that was kept. MALFORMED: verified, and yet of no shape that we know. */
export type KeptReading =
  | Extract<NotificationReading, { notificationId: string }>
  | { readonly verdict: 'MALFORMED'; readonly reason: string }

/** What became of a stored callback. */
export interface Application {
  readonly outcome: NotificationOutcome
  readonly explanation: Explanation
  readonly order: Order | null
}

/** Tells whether a row has had its effect, so that a further delivery need not be looked at. */
export function isSettled({ outcome }: Pick<StoredNotification, 'outcome'>): boolean {
  return outcome === 'APPLIED' || outcome === 'DUPLICATE' || outcome === 'IGNORED'
}

/** Says what the row did by looking for its events, so that the answer is the same after a crash in between. */
function effectOn(order: Order, rowId: string): Application {
  const effects = order.events.filter((event) => event.cause === rowId).map((event) => event.type)
  const { outTradeNo } = order
  return effects.length === 0
    ? { outcome: 'DUPLICATE', explanation: SENTENCES.duplicate(outTradeNo), order }
    : { outcome: 'APPLIED', explanation: SENTENCES.applied(outTradeNo, effects.join(', ')), order }
}

async function applyFact(ports: NotifyPorts, row: StoredNotification, fact: PaidFact): Promise<Application> {
  const order = await ports.orders.byPlatformTradeNo(row.merchantId, row.platform, fact.platformTradeNo)
  if (order === undefined) {
    return { outcome: 'UNMATCHED', explanation: SENTENCES.unmatched(fact.platformTradeNo), order: null }
  }
  return effectOn(await recordFact(ports, order, { ...fact, cause: row.id }), row.id)
}

async function effectOf(
  ports: NotifyPorts,
  row: StoredNotification,
  reading: KeptReading,
): Promise<Application> {
  switch (reading.verdict) {
    case 'UNDECRYPTABLE':
      return { outcome: 'PENDING', explanation: reading.explanation, order: null }
    case 'MALFORMED':
      return { outcome: 'IGNORED', explanation: SENTENCES.malformed(reading.reason), order: null }
    case 'VERIFIED':
      return reading.fact === null
        ? { outcome: 'IGNORED', explanation: reading.notHandled, order: null }
        : applyFact(ports, row, reading.fact)
  }
}

/**
 * Applies a stored callback to its order and writes down what became of it. May be repeated: what is known already
 * changes nothing. Durable when it resolves.
 */
export async function applyNotification(
  ports: NotifyPorts,
  row: StoredNotification,
  reading: KeptReading,
): Promise<Application> {
  const application = await effectOf(ports, row, reading)
  const fact = reading.verdict === 'VERIFIED' ? reading.fact : null
  await ports.inbox.settle(row.id, {
    verdict: reading.verdict === 'UNDECRYPTABLE' ? 'UNDECRYPTABLE' : 'VERIFIED',
    outcome: application.outcome,
    explanation: application.explanation,
    orderId: application.order?.id ?? null,
    platformTradeNo: fact?.platformTradeNo ?? row.platformTradeNo,
  })
  return application
}

/** Applies a stored callback from its exact bytes. The verdict of its receipt counts: nothing is verified again. */
export async function applyStored(ports: NotifyPorts, row: StoredNotification): Promise<Application> {
  const reading = ports.platformOf(row.merchantId, row.platform)?.readStored(row.rawBody)
  // What had its effect keeps it, also when its bytes cannot be opened any more.
  const isUnreadable = reading === undefined || (reading.verdict === 'UNDECRYPTABLE' && isSettled(row))
  if (isUnreadable) return { outcome: row.outcome, explanation: row.explanation, order: null }
  return applyNotification(ports, row, readKept(reading))
}

function readKept(reading: NotificationReading): KeptReading {
  if (reading.verdict === 'VERIFIED' || reading.verdict === 'UNDECRYPTABLE') return reading
  return { verdict: 'MALFORMED', reason: reading.reason }
}
