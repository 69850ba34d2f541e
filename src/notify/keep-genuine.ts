import type { StoredNotification } from '../models/notification.ts'
import {
  READER_VERSION,
  type GenuineReading,
  type NotificationReading,
  type RawNotification,
} from '../platforms/platform.ts'
import { tradeNoOf } from './apply-notification.ts'
import { entryKeys } from './entry-keys.ts'
import type { NotifyPorts, Sender } from './ports.ts'
import { SENTENCES } from './sentences.ts'

/** Says whether the platform signed a notification: such a one is kept in the inbox, whatever is in it. */
export function isGenuine(reading: NotificationReading): reading is GenuineReading {
  return !('signature' in reading)
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
