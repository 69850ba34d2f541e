import type { Explanation } from '../domain/explanation.ts'
import type { StoredNotification } from '../models/notification.ts'
import type { Log } from '../operations/log.ts'
import type {
  GenuineReading,
  RawNotification,
  RejectedReading,
  SignatureState,
} from '../platforms/platform.ts'
import type { Situation } from './answers.ts'
import { applyNotification, isSettled } from './apply-notification.ts'
import { isGenuine, keepGenuine } from './keep-genuine.ts'
import type { KeepRejected } from './keep-rejected.ts'
import type { NotifyPorts, Sender } from './ports.ts'
import { reportTrouble, UNMATCHED_PATIENCE_MS } from './report-trouble.ts'
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

/** What receiving needs besides: how rejected notifications are kept, and the log for troubles. */
export interface ReceivingPorts extends NotifyPorts {
  readonly keepRejected: KeepRejected
  readonly log: Log
}

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
  return isSettled(row) ? known(row) : applied(ports, row, reading)
}

/** The receipt of a further delivery of what had its effect before. */
function known({ platformNotificationId: notificationId, attempts }: StoredNotification): Receipt {
  return { situation: 'DUPLICATE', reason: SENTENCES.again(attempts).en, notificationId }
}

async function applied(
  ports: ReceivingPorts,
  row: StoredNotification,
  reading: GenuineReading,
): Promise<Receipt> {
  const { entry, order } = await applyNotification(ports, row, reading)
  const situation = situationOf(entry, ports.now())
  if (situation !== 'UNMATCHED_RECENT') await reportTrouble(ports, entry)
  return {
    situation,
    reason: reading.verdict === 'VERIFIED' ? entry.explanation.en : reading.reason,
    notificationId: entry.platformNotificationId,
    ...(order !== null && { outTradeNo: order.outTradeNo }),
  }
}

function rejected(
  { verdict, reason, signature }: RejectedReading,
  explanation: Explanation | undefined,
): Receipt {
  const situation = signature === 'absent' ? 'UNSIGNED' : verdict
  return { situation, reason, signature, ...(explanation !== undefined && { explanation }) }
}

function situationOf({ verdict, outcome, firstReceivedAt }: StoredNotification, now: Date): Situation {
  switch (outcome) {
    case 'APPLIED':
    case 'DUPLICATE':
    case 'IGNORED':
      return outcome
    case 'PENDING':
      return verdict === 'UNREADABLE' ? 'UNREADABLE' : 'UNDECRYPTABLE'
    case 'UNMATCHED': {
      const isRecent = now.getTime() - firstReceivedAt.getTime() < UNMATCHED_PATIENCE_MS
      return isRecent ? 'UNMATCHED_RECENT' : 'UNMATCHED_OLD'
    }
  }
}
