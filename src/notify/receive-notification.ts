import type { Explanation } from '../domain/explanation.ts'
import type { NotificationOutcome, StoredNotification } from '../models/notification.ts'
import {
  READER_VERSION,
  type GenuineReading,
  type NotificationReading,
  type RawNotification,
  type RejectedReading,
  type SignatureState,
} from '../platforms/platform.ts'
import type { Situation } from './answers.ts'
import { applyNotification, isSettled, tradeNoOf } from './apply-notification.ts'
import { entryKeys } from './entry-keys.ts'
import type { KeepRejected } from './keep-rejected.ts'
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
  /** Of one that is kept in the inbox; null when it could not be read. */
  readonly notificationId?: string | null
}

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
  if (!isGenuine(reading)) {
    return rejected(reading, await ports.keepRejected({ ...sender, ...raw }, reading))
  }
  const row = await keepGenuine(ports, { ...sender, ...raw }, reading)
  const known = isSettled(row)
  const { outcome, explanation, order } = known
    ? { ...row, outcome: 'DUPLICATE' as const, order: null }
    : await applyNotification(ports, row, reading)
  return {
    situation: situationOf(outcome, { row, reading, now: ports.now() }),
    reason: outcome === 'PENDING' && reading.verdict !== 'VERIFIED' ? reading.reason : explanation.en,
    notificationId: row.platformNotificationId,
    ...(order !== null && { outTradeNo: order.outTradeNo }),
  }
}

/** Tells whether the platform made a notification: such a one is kept in the inbox, whatever is in it. */
export function isGenuine(reading: NotificationReading): reading is GenuineReading {
  return !('signature' in reading)
}

function rejected(
  { verdict, reason, signature }: RejectedReading,
  explanation: Explanation | undefined,
): Receipt {
  const situation = signature === 'absent' ? 'UNSIGNED' : verdict
  return { situation, reason, signature, ...(explanation !== undefined && { explanation }) }
}

/** What a version without keys stored under this id gets the key of what it says, so that further deliveries find it. */
async function giveKeys(
  { inbox, platformOf }: NotifyPorts,
  { platform, merchantId }: Sender,
  platformNotificationId: string,
): Promise<void> {
  for (const row of await inbox.unkeyed({ platform, merchantId, platformNotificationId })) {
    const reading = platformOf(merchantId, platform)?.readStored(row.rawBody)
    const [key] = entryKeys(row, platformNotificationId, { body: row.rawBody, reading })
    await inbox.giveKey(row.id, key)
  }
}

/** Stores a notification whose signature is good; see `Inbox.receive`. */
export async function keepGenuine(
  ports: NotifyPorts,
  { platform, merchantId, headers, body }: Sender & RawNotification,
  reading: GenuineReading,
): Promise<StoredNotification> {
  const { notificationId } = reading
  const sender = { platform, merchantId }
  if (notificationId !== null) await giveKeys(ports, sender, notificationId)
  return ports.inbox.receive(
    {
      ...sender,
      keys: entryKeys(sender, notificationId, { body, reading }),
      platformNotificationId: notificationId,
      eventType: reading.eventType,
      verdict: reading.verdict,
      readerVersion: READER_VERSION,
      explanation: reading.verdict === 'VERIFIED' ? SENTENCES.received : reading.explanation,
      platformTradeNo: tradeNoOf(reading),
      rawHeaders: headers,
      rawBody: body,
    },
    ports.now(),
  )
}

interface Receiving {
  readonly row: StoredNotification
  readonly reading: GenuineReading
  readonly now: Date
}

function situationOf(outcome: NotificationOutcome, { row, reading, now }: Receiving): Situation {
  switch (outcome) {
    case 'APPLIED':
    case 'DUPLICATE':
    case 'IGNORED':
      return outcome
    case 'PENDING':
      return reading.verdict === 'UNREADABLE' ? 'UNREADABLE' : 'UNDECRYPTABLE'
    case 'UNMATCHED': {
      const isRecent = now.getTime() - row.firstReceivedAt.getTime() < UNMATCHED_PATIENCE_MS
      return isRecent ? 'UNMATCHED_RECENT' : 'UNMATCHED_OLD'
    }
  }
}
