import type { PaidFact } from '../../domain/payment-fact.ts'
import type { NotificationReading, RawNotification } from '../platform.ts'
import type { WechatpayAccount } from './account.ts'
import { Refusal } from './refusal.ts'
import type { OpenResource } from './resource-cipher.ts'
import { envelope, firstFlaw } from './resource.ts'
import { paidFactOf } from './transaction.ts'
import type { Verifier } from './verify.ts'
import { verifyMessage } from './verify.ts'

/** What reading a notification needs besides the notification. */
export interface NotificationDeps extends Verifier {
  readonly account: Pick<WechatpayAccount, 'mchId' | 'appIds'>
  readonly open: OpenResource
}

type Notice = Pick<
  Extract<NotificationReading, { verdict: 'VERIFIED' }>,
  'notificationId' | 'eventType' | 'createdAt'
>

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Refusal('MALFORMED', `The ${what} is not JSON.`)
  }
}

function readEnvelope(body: Buffer) {
  const parsed = envelope.safeParse(parseJson(body.toString('utf8'), 'body'))
  if (parsed.success) return parsed.data
  throw new Refusal('MALFORMED', `The body is not a notification: ${firstFlaw(parsed.error)}.`)
}

function undecryptable(notice: Notice, algorithm: string): NotificationReading {
  const reason =
    algorithm === 'AEAD_AES_256_GCM'
      ? 'The resource cannot be decrypted: the APIv3 key here is not the one that it was encrypted with.'
      : 'The resource cannot be decrypted: its algorithm is not AEAD_AES_256_GCM.'
  return { ...notice, verdict: 'UNDECRYPTABLE', reason }
}

function tryOpen(open: () => string): string | undefined {
  try {
    return open()
  } catch {
    return undefined
  }
}

async function read(raw: RawNotification, deps: NotificationDeps): Promise<NotificationReading> {
  await verifyMessage(raw, deps)
  const { id, event_type, create_time, resource } = readEnvelope(raw.body)
  const notice: Notice = { notificationId: id, eventType: event_type, createdAt: create_time }
  const text = tryOpen(() => deps.open(resource))
  if (text === undefined) return undecryptable(notice, resource.algorithm)
  const fact: PaidFact | null = paidFactOf(parseJson(text, 'decrypted resource'), deps.account, 'NOTIFY')
  return { ...notice, verdict: 'VERIFIED', fact }
}

/**
 * Reads a notification from the outside in: signature, envelope, cipher, content. Each step believes only what the
 * steps before it have proved, and the first one that fails gives the verdict.
 */
export async function readNotification(
  raw: RawNotification,
  deps: NotificationDeps,
): Promise<NotificationReading> {
  try {
    return await read(raw, deps)
  } catch (error) {
    if (error instanceof Refusal) return { verdict: error.verdict, reason: error.message }
    throw error
  }
}
