import { createHash } from 'node:crypto'
import type { ZodError } from 'zod'
import type { GenuineReading, NotificationReading, RawNotification } from '../platform.ts'
import type { WechatpayAccount } from './account.ts'
import { readContent } from './content.ts'
import type { Explain } from './explain/explain.ts'
import { CONTENT, flawSentence } from './explain/sentences.ts'
import { parseJson } from './json.ts'
import { namedTradeNo } from './named-trade-no.ts'
import { Refusal, Unreadable } from './refusal.ts'
import type { OpenResource, SealedResource } from './resource-cipher.ts'
import { envelope, firstFlaw, flawedField, namedNotification } from './resource.ts'
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

/** What names a notification; null where it cannot be read. */
type Names = Pick<Extract<GenuineReading, { verdict: 'UNREADABLE' }>, 'notificationId' | 'eventType'>

function namesIn(json: unknown): Names {
  const { id, event_type } = namedNotification.parse(json)
  return { notificationId: id, eventType: event_type }
}

function flawOf(json: unknown, error: ZodError): Unreadable {
  if (json === undefined) return new Unreadable('The body is not JSON.', CONTENT.bodyNotJson)
  const sentence = `The body is not a notification: ${firstFlaw(error)}.`
  return new Unreadable(sentence, CONTENT.bodyUndocumented(flawSentence(flawedField(error))))
}

function undecryptableReason({ algorithm }: SealedResource): string {
  return algorithm === 'AEAD_AES_256_GCM'
    ? 'The resource cannot be decrypted: the APIv3 key here is not the one that it was encrypted with.'
    : 'The resource cannot be decrypted: its algorithm is not AEAD_AES_256_GCM.'
}

function tryOpen(open: () => string): string | undefined {
  try {
    return open()
  } catch {
    return undefined
  }
}

/** Reads the body of a notification whose signature was verified, now or before: envelope, cipher, content. */
export function readGenuine(body: Buffer, { account, open, explain }: ReadingDeps): GenuineReading {
  const json = parseJson(body)
  const unreadable = (flaw: Unreadable, contentSha256: string | null): GenuineReading => {
    const { message: reason, explanation } = flaw
    const platformTradeNo = namedTradeNo(body, open)
    return { verdict: 'UNREADABLE', ...namesIn(json), contentSha256, platformTradeNo, reason, explanation }
  }
  const read = envelope.safeParse(json)
  if (!read.success) return unreadable(flawOf(json, read.error), null)
  const { id: notificationId, event_type: eventType, resource } = read.data
  const names = { notificationId, eventType }
  const text = tryOpen(() => open(resource))
  if (text === undefined) {
    const explanation = explain({ kind: 'sealed', resource }, { headers: [], body })
    return { verdict: 'UNDECRYPTABLE', ...names, reason: undecryptableReason(resource), explanation }
  }
  const contentSha256 = createHash('sha256').update(text).digest('hex')
  try {
    const content = readContent({ eventType, text }, account)
    return { verdict: 'VERIFIED', ...names, contentSha256, ...content }
  } catch (error) {
    if (error instanceof Unreadable) return unreadable(error, contentSha256)
    throw error
  }
}

/**
 * Reads a notification from the outside in: signature, envelope, cipher, content. Each step believes only what the
 * steps before it have proved, and the first one that fails gives the verdict. What the platform signed is never rejected.
 */
export async function readNotification(
  raw: RawNotification,
  deps: NotificationDeps,
): Promise<NotificationReading> {
  try {
    await verifyMessage(raw, deps)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { code, message: reason, finding } = error
    const { verdict, signature, serial: keyId = null } = code
    return {
      verdict,
      signature,
      keyId,
      reason,
      explain: () => deps.explain(finding, raw),
      namedTradeNo: () => namedTradeNo(raw.body, deps.open),
    }
  }
  return readGenuine(raw.body, deps)
}
