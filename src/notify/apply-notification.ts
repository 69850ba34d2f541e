import { isDeepStrictEqual } from 'node:util'
import type { Explanation } from '../domain/explanation.ts'
import type { Order, OrderEvent } from '../domain/order.ts'
import type { PaidFact } from '../domain/payment-fact.ts'
import type { NotificationOutcome, StoredNotification } from '../models/notification.ts'
import { record, type Recorded } from '../orders/record-fact.ts'
import { READER_VERSION, type GenuineReading } from '../platforms/platform.ts'
import { entryKeys } from './entry-keys.ts'
import type { NotifyPorts } from './ports.ts'
import { SENTENCES } from './sentences.ts'

/** What applying a stored notification did. */
interface Effect {
  readonly outcome: NotificationOutcome
  readonly explanation: Explanation
  readonly order: Order | null
  /** What this call changed about the order. */
  readonly changes: readonly OrderEvent[]
}

/** What became of a stored notification: its entry as it is now, the order that it is about, and what this call changed about that. */
export interface Application extends Pick<Effect, 'order' | 'changes'> {
  readonly entry: StoredNotification
}

/** Tells whether an entry has had its effect, so that a further delivery need not be looked at. */
export function isSettled({ outcome }: Pick<StoredNotification, 'outcome'>): boolean {
  return outcome === 'APPLIED' || outcome === 'DUPLICATE'
}

/** Says what the row did by looking for its events, so that the answer is the same after a crash in between. */
function effectOf({ order, leftOut }: Recorded, rowId: string): Pick<Effect, 'outcome' | 'explanation'> {
  const effects = order.events.filter((event) => event.cause === rowId).map((event) => event.type)
  const { outTradeNo } = order
  if (effects.length > 0)
    return { outcome: 'APPLIED', explanation: SENTENCES.applied(outTradeNo, effects.join(', ')) }
  return leftOut === undefined
    ? { outcome: 'DUPLICATE', explanation: SENTENCES.duplicate(outTradeNo) }
    : { outcome: 'IGNORED', explanation: SENTENCES.full(outTradeNo) }
}

/** Writes the line about a payment that its order leaves out, when the entry does not say that yet. Before the entry says it. */
function reportLeftOut(
  { leftOutLines }: NotifyPorts,
  row: StoredNotification,
  { order, leftOut }: Recorded,
): void {
  const isReported = row.outcome === 'IGNORED' && row.explanation.en === SENTENCES.full(order.outTradeNo).en
  if (leftOut !== undefined && !isReported) leftOutLines.write(order, leftOut)
}

async function applyFact(ports: NotifyPorts, row: StoredNotification, fact: PaidFact): Promise<Effect> {
  const order = await ports.orders.byPlatformTradeNo(row.merchantId, row.platform, fact.platformTradeNo)
  if (order === undefined) {
    const explanation = SENTENCES.unmatched(fact.platformTradeNo)
    return { outcome: 'UNMATCHED', explanation, order: null, changes: [] }
  }
  const recorded = await record(ports, order, { ...fact, cause: row.id })
  reportLeftOut(ports, row, recorded)
  return { ...effectOf(recorded, row.id), order: recorded.order, changes: recorded.events }
}

/** What has no fact may still name its order, so that it is found by its order. That changes nothing about the order. */
async function namedOrder(
  { orders }: NotifyPorts,
  { merchantId, platform }: StoredNotification,
  reading: GenuineReading,
): Promise<Order | null> {
  const platformTradeNo = tradeNoOf(reading)
  if (platformTradeNo === null) return null
  return (await orders.byPlatformTradeNo(merchantId, platform, platformTradeNo)) ?? null
}

async function takeEffect(
  ports: NotifyPorts,
  row: StoredNotification,
  reading: GenuineReading,
): Promise<Effect> {
  if (reading.verdict === 'VERIFIED' && reading.fact !== null) return applyFact(ports, row, reading.fact)
  const order = await namedOrder(ports, row, reading)
  return reading.verdict === 'VERIFIED'
    ? { outcome: 'IGNORED', explanation: reading.notHandled, order, changes: [] }
    : { outcome: 'PENDING', explanation: reading.explanation, order, changes: [] }
}

/** The number of the payment that a reading names; null when it names none, or cannot be read. */
export function tradeNoOf(reading: GenuineReading): string | null {
  if (reading.verdict === 'UNDECRYPTABLE') return null
  if (reading.verdict === 'UNREADABLE' || reading.fact === null) return reading.platformTradeNo
  return reading.fact.platformTradeNo
}

/**
 * Applies a stored notification to its order and writes down what became of it. May be repeated: what is known already
 * changes nothing. Durable when it resolves.
 */
export async function applyNotification(
  ports: NotifyPorts,
  row: StoredNotification,
  reading: GenuineReading,
): Promise<Application> {
  const { order, changes, ...effect } = await takeEffect(ports, row, reading)
  const platformNotificationId = reading.notificationId ?? row.platformNotificationId
  const settled = {
    ...effect,
    verdict: reading.verdict,
    readerVersion: READER_VERSION,
    orderId: order?.id ?? row.orderId,
    platformTradeNo: tradeNoOf(reading) ?? row.platformTradeNo,
    platformNotificationId,
    eventType: reading.eventType ?? row.eventType,
    reported: row.reported,
  }
  const [key] = entryKeys(row, platformNotificationId, { body: row.rawBody, reading })
  // What is read again and again, and still cannot be, need not be written each time.
  if (isChanged(row, settled)) await ports.inbox.settle(row.id, { ...settled, key })
  return { entry: { ...row, ...settled }, order, changes }
}

function isChanged(row: StoredNotification, settled: Partial<StoredNotification>): boolean {
  return Object.entries(settled).some(([field, value]) => !isDeepStrictEqual(Reflect.get(row, field), value))
}

/** What was read once is not taken back: its bytes may be sealed with a key that is no longer configured. */
function keepsItsOutcome(row: StoredNotification, { verdict }: GenuineReading): boolean {
  if (verdict === 'VERIFIED') return false
  return (
    isSettled(row) ||
    row.outcome === 'UNMATCHED' ||
    (verdict === 'UNDECRYPTABLE' && row.outcome === 'IGNORED')
  )
}

/** Applies a stored notification from its exact bytes. The verdict of its receipt counts: nothing is verified again. */
export async function applyStored(ports: NotifyPorts, row: StoredNotification): Promise<Application> {
  const reading = ports.platformOf(row.merchantId, row.platform)?.readStored(row.rawBody)
  if (reading === undefined || keepsItsOutcome(row, reading)) {
    return { entry: row, order: null, changes: [] }
  }
  return applyNotification(ports, row, reading)
}
