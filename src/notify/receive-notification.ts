import type { Explanation } from '../domain/explanation.ts'
import type { NotificationOutcome, StoredNotification } from '../models/notification.ts'
import type { NotificationReading, RawNotification, SignatureState } from '../platforms/platform.ts'
import type { Situation } from './answers.ts'
import { applyNotification, isSettled } from './apply-notification.ts'
import type { KeepRejected, RejectedReading } from './keep-rejected.ts'
import type { NotifyPorts, Sender } from './ports.ts'
import { SENTENCES } from './sentences.ts'

/** How receiving a callback ended. */
export interface Receipt {
  readonly situation: Situation
  /** One sentence, fit for the platform's eyes. */
  readonly reason: string
  /** Of a rejected one: what is known of its signature. */
  readonly signature?: SignatureState
  /** Of a rejected one that is kept; for the log: more than the platform may see. */
  readonly explanation?: Explanation
  readonly outTradeNo?: string
  readonly notificationId?: string
}

/** A reading of a callback that is kept: its signature is good. */
export type Kept = Extract<NotificationReading, { notificationId: string }>

/** What receiving needs besides: who keeps what is rejected. */
export interface ReceivingPorts extends NotifyPorts {
  readonly keepRejected: KeepRejected
}

/** How long an unknown order is answered with 404, counted from the first delivery. */
const UNMATCHED_PATIENCE_MS = 10 * 60 * 1000

/**
 * Takes one callback from raw bytes to a durable effect: verify, store the exact bytes, apply, write down the outcome.
 * Whatever is interrupted between two of these steps is taken up again by the platform's next delivery, or by the
 * round over the inbox. Throws only when something is broken here (the database, usually): the platform comes again.
 */
export async function receiveNotification(
  ports: ReceivingPorts,
  sender: Sender & { readonly address: string },
  raw: RawNotification,
): Promise<Receipt> {
  const account = ports.platformOf(sender.merchantId, sender.platform)
  if (account === undefined) {
    return { situation: 'UNKNOWN_MERCHANT', reason: 'There is no such merchant at this address.' }
  }
  const reading = await account.readNotification(raw)
  if (!isKept(reading)) {
    return rejected(reading, await ports.keepRejected({ ...sender, ...raw }, reading))
  }
  const row = await keepVerified(ports, { ...sender, ...raw }, reading)
  const known = isSettled(row)
  const { outcome, explanation, order } = known
    ? { ...row, outcome: 'DUPLICATE' as const, order: null }
    : await applyNotification(ports, row, reading)
  return {
    situation: situationOf(outcome, row, ports.now()),
    reason: outcome === 'PENDING' && reading.verdict === 'UNDECRYPTABLE' ? reading.reason : explanation.en,
    notificationId: row.platformNotificationId,
    ...(order !== null && { outTradeNo: order.outTradeNo }),
  }
}

/** Tells whether a callback is to be kept. */
export function isKept(reading: NotificationReading): reading is Kept {
  return reading.verdict === 'VERIFIED' || reading.verdict === 'UNDECRYPTABLE'
}

function rejected(
  { verdict, reason, signature }: RejectedReading,
  explanation: Explanation | undefined,
): Receipt {
  const situation = signature === 'absent' ? 'UNSIGNED' : verdict
  return { situation, reason, signature, ...(explanation !== undefined && { explanation }) }
}

/** Stores a callback whose signature is good; see `Inbox.receive`. */
export async function keepVerified(
  { inbox, now }: NotifyPorts,
  { platform, merchantId, headers, body }: Sender & RawNotification,
  reading: Kept,
): Promise<StoredNotification> {
  const isReadable = reading.verdict === 'VERIFIED'
  return inbox.receive(
    {
      platform,
      merchantId,
      platformNotificationId: reading.notificationId,
      eventType: reading.eventType,
      verdict: reading.verdict,
      explanation: isReadable ? SENTENCES.received : reading.explanation,
      platformTradeNo: isReadable ? (reading.fact?.platformTradeNo ?? null) : null,
      rawHeaders: headers,
      rawBody: body,
    },
    now(),
  )
}

function situationOf(outcome: NotificationOutcome, row: StoredNotification, now: Date): Situation {
  switch (outcome) {
    case 'APPLIED':
    case 'DUPLICATE':
    case 'IGNORED':
      return outcome
    case 'PENDING':
      return 'UNDECRYPTABLE'
    case 'UNMATCHED': {
      const isRecent = now.getTime() - row.firstReceivedAt.getTime() < UNMATCHED_PATIENCE_MS
      return isRecent ? 'UNMATCHED_RECENT' : 'UNMATCHED_OLD'
    }
  }
}
