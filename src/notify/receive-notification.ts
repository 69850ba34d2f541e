import type { Order } from '../domain/order.ts'
import type { PaidFact, Platform } from '../domain/payment-fact.ts'
import type { Inbox, StoredNotification } from '../models/notification.ts'
import type { Rejection, RejectionLog } from '../models/rejection.ts'
import type { OrderPorts } from '../orders/ports.ts'
import { recordFact } from '../orders/record-fact.ts'
import type { NotificationReading, RawNotification } from '../platforms/platform.ts'
import type { Situation } from './answers.ts'

/** What receiving a callback needs from the rest of the gateway. */
export interface NotifyPorts extends OrderPorts {
  readonly inbox: Inbox
  readonly rejections: RejectionLog
}

/** How receiving a callback ended. */
export interface Receipt<S extends Situation = Situation> {
  readonly situation: S
  /** One sentence, fit for the platform's eyes and for the log. */
  readonly reason: string
  readonly outTradeNo?: string
  readonly notificationId?: string
}

type Kept = Extract<NotificationReading, { notificationId: string }>
type Refused = Exclude<NotificationReading, Kept>

/** How long an unknown order is answered with 404, counted from the first delivery. */
const UNMATCHED_PATIENCE_MS = 10 * 60 * 1000

/**
 * Takes one callback from raw bytes to a durable effect: verify, store the exact bytes, apply, write down the outcome.
 * Whatever is interrupted between two of these steps is taken up again by the platform's next delivery.
 * Throws only when something is broken here (the database, usually): the platform has to come again.
 */
export async function receiveNotification(
  ports: NotifyPorts,
  sender: { readonly platform: Platform; readonly merchantId: string },
  raw: RawNotification,
): Promise<Receipt> {
  const account = ports.platformOf(sender.merchantId, sender.platform)
  if (account === undefined) {
    return { situation: 'UNKNOWN_MERCHANT', reason: 'There is no such merchant at this address.' }
  }
  const reading = await account.readNotification(raw)
  if (!isKept(reading)) return refuse(ports.rejections, { ...sender, ...raw }, { reading, at: ports.now() })
  const row = await ports.inbox.receive(
    {
      ...sender,
      platformNotificationId: reading.notificationId,
      eventType: reading.eventType,
      verdict: reading.verdict,
      explanation: reading.verdict === 'UNDECRYPTABLE' ? reading.reason : 'Received, not applied yet.',
      platformTradeNo: factOf(reading)?.platformTradeNo ?? null,
      rawHeaders: raw.headers,
      rawBody: raw.body,
    },
    ports.now(),
  )
  return { notificationId: row.platformNotificationId, ...(await apply(ports, row, reading)) }
}

function isKept(reading: NotificationReading): reading is Kept {
  return reading.verdict === 'VERIFIED' || reading.verdict === 'UNDECRYPTABLE'
}

function factOf(reading: Kept): PaidFact | null {
  return reading.verdict === 'VERIFIED' ? reading.fact : null
}

async function refuse(
  log: RejectionLog,
  { platform, merchantId, headers, body }: Pick<Rejection, 'platform' | 'merchantId'> & RawNotification,
  { reading, at }: { readonly reading: Refused; readonly at: Date },
): Promise<Receipt> {
  await log.add({
    platform,
    merchantId,
    verdict: reading.verdict,
    explanation: reading.reason,
    receivedAt: at,
    rawHeaders: headers,
    rawBody: body,
  })
  return { situation: reading.verdict, reason: reading.reason }
}

async function apply(ports: NotifyPorts, row: StoredNotification, reading: Kept): Promise<Receipt> {
  if (isSettled(row)) return { situation: 'DUPLICATE', reason: row.explanation }
  if (reading.verdict === 'UNDECRYPTABLE') return { situation: 'UNDECRYPTABLE', reason: reading.reason }
  const { fact } = reading
  if (fact === null) {
    return settle(ports, row, { situation: 'IGNORED', reason: `${reading.eventType} is not handled here.` })
  }
  const order = await ports.orders.byPlatformTradeNo(row.merchantId, row.platform, fact.platformTradeNo)
  if (order === undefined) return unmatched(ports, row, fact)
  const changed = await recordFact(ports, order, { ...fact, cause: row.id })
  return settle(ports, { id: row.id, orderId: changed.id }, effectOn(changed, row.id))
}

function isSettled(row: StoredNotification): boolean {
  return row.outcome === 'APPLIED' || row.outcome === 'DUPLICATE' || row.outcome === 'IGNORED'
}

/** Says what the row did by looking for its events, so that the answer is the same after a crash in between. */
function effectOn(order: Order, rowId: string): Receipt<'APPLIED' | 'DUPLICATE'> {
  const effects = order.events.filter((event) => event.cause === rowId).map((event) => event.type)
  const { outTradeNo } = order
  if (effects.length === 0) {
    return { situation: 'DUPLICATE', reason: `Order ${outTradeNo} knew this already.`, outTradeNo }
  }
  return { situation: 'APPLIED', reason: `Order ${outTradeNo}: ${effects.join(', ')}.`, outTradeNo }
}

async function settle(
  { inbox }: NotifyPorts,
  row: Pick<StoredNotification, 'id' | 'orderId'>,
  receipt: Receipt<'APPLIED' | 'DUPLICATE' | 'IGNORED'>,
): Promise<Receipt> {
  const { situation: outcome, reason: explanation } = receipt
  await inbox.settle(row.id, { verdict: 'VERIFIED', outcome, orderId: row.orderId, explanation })
  return receipt
}

async function unmatched(
  { inbox, now }: NotifyPorts,
  row: StoredNotification,
  fact: PaidFact,
): Promise<Receipt> {
  const explanation = `There is no order ${fact.platformTradeNo}.`
  await inbox.settle(row.id, { verdict: 'VERIFIED', outcome: 'UNMATCHED', orderId: null, explanation })
  const isRecent = now().getTime() - row.firstReceivedAt.getTime() < UNMATCHED_PATIENCE_MS
  return {
    situation: isRecent ? 'UNMATCHED_RECENT' : 'UNMATCHED_OLD',
    reason: explanation,
    outTradeNo: fact.platformTradeNo,
  }
}
