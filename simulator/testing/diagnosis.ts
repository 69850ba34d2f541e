import { Aes, Formatter, Rsa } from 'wechatpay-axios-plugin'
import { z } from 'zod'
import type { Received } from './receiver.ts'

/** All that a merchant can find out about a notification, each thing on its own. */
export type Diagnosis = {
  /** Seconds that the signature's time is ahead of the merchant's clock; 0 within half a minute. */
  readonly clock: number
  readonly serial: 'known' | 'unknown'
  /** Whether the platform's own key made it, whatever the serial says. */
  readonly signature: 'good' | 'bad' | 'probe'
  readonly eventType: unknown
  /** What was decrypted, or why that could not be done. */
  readonly resource: unknown
}

const toleranceSeconds = 30
const envelopeSchema = z.looseObject({
  event_type: z.string(),
  resource: z.object({ ciphertext: z.string(), associated_data: z.string(), nonce: z.string() }).optional(),
})

function openResource(envelope: z.infer<typeof envelopeSchema>, apiV3Key: string): unknown {
  if (!envelope.resource) return 'missing'
  const { ciphertext, associated_data: aad, nonce } = envelope.resource
  let text: string
  try {
    text = Aes.AesGcm.decrypt(ciphertext, apiV3Key, nonce, aad)
  } catch {
    return 'not decryptable'
  }
  try {
    return JSON.parse(text) as unknown
  } catch {
    return 'not JSON'
  }
}

/** Looks at each part of a notification with the other maker's code. */
export function diagnose(
  { headers, body }: Received,
  platform: { readonly id: string; readonly publicKeyPem: string },
  apiV3Key: string,
): Diagnosis {
  const header = (name: string): string => z.string().parse(headers[`wechatpay-${name}`])
  const [timestamp, signature] = [header('timestamp'), header('signature')]
  const ahead = Number(timestamp) - Formatter.timestamp()
  const message = Formatter.response(timestamp, header('nonce'), body)
  const verdict = Rsa.verify(message, signature, platform.publicKeyPem) ? 'good' : 'bad'
  const envelope = envelopeSchema.parse(JSON.parse(body))
  return {
    clock: Math.abs(ahead) < toleranceSeconds ? 0 : Math.round(ahead / toleranceSeconds) * toleranceSeconds,
    serial: header('serial') === platform.id ? 'known' : 'unknown',
    signature: signature.startsWith('WECHATPAY/SIGNTEST/') ? 'probe' : verdict,
    eventType: envelope.event_type,
    resource: openResource(envelope, apiV3Key),
  }
}
