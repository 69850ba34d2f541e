import { troubleOf } from '../models/notification-record.ts'
import type { Inbox, StoredNotification, Trouble } from '../models/notification.ts'
import { noted } from '../models/report-lines.ts'
import type { Log } from '../operations/log.ts'
import type { NotifyPorts } from './ports.ts'

/** How long an unknown order is answered with 404, counted from the first delivery, in milliseconds. */
export const UNMATCHED_PATIENCE_MS = 10 * 60 * 1000

/** What reporting needs. */
export interface ReportPorts extends Pick<NotifyPorts, 'clock'> {
  readonly inbox: Pick<Inbox, 'takeReport' | 'noteReport'>
  readonly log: Log
}

const READ_AGAIN = 'A start with it, or replayNotification, applies the notification'

/** What happened, and what to do about it. */
const MESSAGES: Readonly<Record<Trouble, string>> = {
  UNMATCHED:
    'Money arrived for an order that does not exist here. Find out which system of the merchant opened the payment; if none did, refund it in the merchant console.',
  UNREADABLE: `A genuine notification cannot be read by this version. Look at the payment in the merchant console or by confirmPayment, and install a version that can read it. ${READ_AGAIN}.`,
  UNDECRYPTABLE: `A genuine notification cannot be decrypted. Configure the APIv3 key that is set in the merchant console. ${READ_AGAIN}.`,
}

/** An entry as it is now. */
export type Troubled = Pick<
  StoredNotification,
  | 'id'
  | 'platform'
  | 'merchantId'
  | 'platformNotificationId'
  | 'platformTradeNo'
  | 'verdict'
  | 'outcome'
  | 'explanation'
  | 'reported'
>

function note({ inbox, log }: ReportPorts, { id, merchantId }: Troubled, trouble: Trouble): Promise<void> {
  return noted(inbox.noteReport(id, trouble), (err) => {
    const fields = { merchantId, id, trouble, err }
    log.warn(fields, 'The line about a notification could not be noted, and may be written again.')
  })
}

/**
 * Writes the `error` line about an entry without an effect, where an operator has to act; once for each trouble of an entry,
 * whichever process finds it and however often it is sent. When a process dies at it, another one writes the line.
 */
export async function reportTrouble(ports: ReportPorts, entry: Troubled): Promise<void> {
  const trouble = troubleOf(entry)
  if (trouble === undefined || entry.reported.includes(trouble)) return
  // Taken first: a line that is written twice by two processes would be two alarms.
  if (!(await ports.inbox.takeReport(entry.id, trouble, await ports.clock.stamp()))) return
  const { id, platform, merchantId, platformNotificationId: notificationId, explanation } = entry
  const outTradeNo = entry.platformTradeNo
  const fields = { kind: trouble, platform, merchantId, outTradeNo, notificationId, id }
  ports.log.error({ ...fields, explanation: explanation.en }, MESSAGES[trouble])
  await note(ports, entry, trouble)
}
