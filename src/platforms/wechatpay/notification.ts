import type { Explanation } from '../../domain/explanation.ts'
import type { NotificationReading, RawNotification } from '../platform.ts'
import type { WechatpayAccount } from './account.ts'
import { readContent } from './content.ts'
import type { Explain } from './explain/explain.ts'
import { CONTENT, flawSentence } from './explain/sentences.ts'
import { parseJson } from './json.ts'
import { MALFORMED_CONTENT, plainRefusal, Refusal } from './refusal.ts'
import type { OpenResource } from './resource-cipher.ts'
import { envelope, firstFlaw, flawedField } from './resource.ts'
import type { Verifier } from './verify.ts'
import { verifyMessage } from './verify.ts'

/** What reading a body needs besides the body. */
export interface ReadingDeps {
  readonly account: Pick<WechatpayAccount, 'mchId' | 'appIds'>
  readonly open: OpenResource
  readonly explain: Explain
}

/** What reading a notification needs besides the notification. */
export interface NotificationDeps extends ReadingDeps, Verifier {}

type Envelope = ReturnType<typeof readEnvelope>
type Undecryptable = Extract<NotificationReading, { verdict: 'UNDECRYPTABLE' }>

function readEnvelope(body: Buffer) {
  const json = parseJson(body)
  if (json === undefined) {
    throw plainRefusal(MALFORMED_CONTENT, 'The body is not JSON.', CONTENT.bodyNotJson)
  }
  const parsed = envelope.safeParse(json)
  if (parsed.success) return parsed.data
  const sentence = `The body is not a notification: ${firstFlaw(parsed.error)}.`
  const flaw = flawSentence(flawedField(parsed.error))
  throw plainRefusal(MALFORMED_CONTENT, sentence, CONTENT.bodyUndocumented(flaw))
}

function noticeOf({ id, event_type }: Envelope) {
  return { notificationId: id, eventType: event_type }
}

function undecryptable(read: Envelope, explanation: Explanation): Undecryptable {
  const { resource } = read
  const reason =
    resource.algorithm === 'AEAD_AES_256_GCM'
      ? 'The resource cannot be decrypted: the APIv3 key here is not the one that it was encrypted with.'
      : 'The resource cannot be decrypted: its algorithm is not AEAD_AES_256_GCM.'
  return { ...noticeOf(read), verdict: 'UNDECRYPTABLE', reason, explanation }
}

function tryOpen(open: () => string): string | undefined {
  try {
    return open()
  } catch {
    return undefined
  }
}

function readContents(raw: RawNotification, { account, open, explain }: ReadingDeps): NotificationReading {
  const read = readEnvelope(raw.body)
  const { resource } = read
  const text = tryOpen(() => open(resource))
  if (text === undefined) return undecryptable(read, explain({ kind: 'sealed', resource }, raw))
  const notice = noticeOf(read)
  return { ...notice, verdict: 'VERIFIED', ...readContent({ ...notice, text }, account) }
}

function refused(error: unknown, raw: RawNotification, { explain }: ReadingDeps): NotificationReading {
  if (!(error instanceof Refusal)) throw error
  const { code, message: reason, finding } = error
  const { verdict, signature, serial: keyId = null } = code
  return { verdict, signature, keyId, reason, explain: () => explain(finding, raw) }
}

/** Reads a body whose signature was verified before: envelope, cipher, content. */
export function readStored(body: Buffer, deps: ReadingDeps): NotificationReading {
  const raw = { headers: [], body }
  try {
    return readContents(raw, deps)
  } catch (error) {
    return refused(error, raw, deps)
  }
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
    await verifyMessage(raw, deps)
    return readContents(raw, deps)
  } catch (error) {
    return refused(error, raw, deps)
  }
}
