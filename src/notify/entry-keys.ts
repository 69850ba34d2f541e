import { createHash } from 'node:crypto'
import type { PaidFact } from '../domain/payment-fact.ts'
import type { GenuineReading } from '../platforms/platform.ts'
import type { Sender } from './ports.ts'

function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex')
}

/** All that a payment says, in one order. Another order, or a field more, gives the deliveries of today's entries other keys. */
function canonicalFact(fact: PaidFact): string {
  return JSON.stringify([
    fact.platformTradeNo,
    fact.transactionId,
    fact.platformState,
    fact.total,
    fact.payerTotal,
    fact.currency,
    fact.payerId,
    fact.payeeMismatch,
    fact.occurredAt.toISOString(),
  ])
}

/** What a notification says, from what means the same to what is the same byte for byte. */
function subjectsOf(body: Buffer, reading: GenuineReading | undefined): readonly [string, ...string[]] {
  const bytes = `body ${sha256(body)}`
  if (reading === undefined || reading.verdict === 'UNDECRYPTABLE' || reading.contentSha256 === null)
    return [bytes]
  const content = `content ${reading.contentSha256}`
  if (reading.verdict === 'UNREADABLE' || reading.fact === null) return [content, bytes]
  return [`fact ${canonicalFact(reading.fact)}`, content, bytes]
}

/**
 * The keys of a notification's entry. Platforms have used one id for different payments, so the id alone is none: the first
 * key is for the entry of a notification that says something new, and by any of them a further delivery finds its entry,
 * also when that was stored before it could be decrypted or read.
 */
export function entryKeys(
  { platform, merchantId }: Sender,
  notificationId: string | null,
  { body, reading }: { readonly body: Buffer; readonly reading: GenuineReading | undefined },
): readonly [string, ...string[]] {
  const keyOf = (subject: string): string =>
    sha256(JSON.stringify([platform, merchantId, notificationId, subject]))
  const [first, ...others] = subjectsOf(body, reading)
  return [keyOf(first), ...others.map(keyOf)]
}
