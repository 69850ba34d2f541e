import { createHash } from 'node:crypto'
import type { Explanation } from '../domain/explanation.ts'
import { keptBytes } from '../models/bounded-message.ts'
import type { RejectedSignature } from '../models/rejection-room.ts'
import type { RawNotification, RejectedReading } from '../platforms/platform.ts'
import type { NotifyPorts, Sender } from './ports.ts'
import { createRejectionAllowance } from './rejection-allowance.ts'

/** A rejected notification as it came. */
export type ReceivedRejection = Sender & RawNotification & { readonly address: string }

/**
 * Keeps a rejected notification if it may be kept; its explanation is computed only then.
 * @returns the explanation; undefined when it is only counted
 */
export type KeepRejected = (
  received: ReceivedRejection,
  reading: RejectedReading,
) => Promise<Explanation | undefined>

/** What a row takes besides its message: the explanation, and its entries in the indexes. */
const ROW_BYTES = 1024

/**
 * Equal for deliveries of one message. A message that the platform sends again has a fresh timestamp and signature. Noise is
 * never counted on another row: what is wrong about two messages may differ although their bodies are the same.
 */
function fingerprintOf(
  { body }: RawNotification,
  { verdict, signature, keyId }: RejectedReading,
): string | null {
  if (signature === 'invalid') return null
  return createHash('sha256')
    .update(`${verdict}\n${keyId ?? ''}\n`)
    .update(body)
    .digest('hex')
}

/** Decides what is kept of the rejected notifications of one process. */
export function createRejectionKeeper({
  rejections,
  orders,
  now,
}: Pick<NotifyPorts, 'rejections' | 'orders' | 'now'>): KeepRejected {
  const mayWrite = createRejectionAllowance()

  async function orderIdOf({ merchantId, platform }: Sender, reading: RejectedReading) {
    const tradeNo = reading.namedTradeNo()
    if (tradeNo === null) return null
    return (await orders.byPlatformTradeNo(merchantId, platform, tradeNo))?.id ?? null
  }

  async function keep(
    { platform, merchantId, address, headers, body }: ReceivedRejection,
    reading: RejectedReading,
    signature: RejectedSignature,
  ): Promise<Explanation | undefined> {
    const message = { rawHeaders: headers, rawBody: body }
    const fingerprint = fingerprintOf({ headers, body }, reading)
    // A signed message is the platform's, from whatever address it is sent.
    const source = signature === 'valid' ? `message ${fingerprint}` : address
    if (!mayWrite({ merchantId, signature, source, bytes: ROW_BYTES + keptBytes(message) })) return undefined
    return rejections.add({
      platform,
      merchantId,
      signature,
      ...(signature !== 'valid' && { address }),
      ...message,
      verdict: reading.verdict,
      fingerprint,
      receivedAt: now(),
      explain: reading.explain,
      findOrderId: () => orderIdOf({ platform, merchantId }, reading),
    })
  }

  return async (received, reading) => {
    const { signature } = reading
    return signature === 'absent' ? undefined : keep(received, reading, signature)
  }
}
