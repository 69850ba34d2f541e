import { z } from 'zod'
import { toChinaTime } from './clock.ts'
import { seal, unseal } from './crypto.ts'

/** What a notification is about, before it is encrypted. */
export type Resource = {
  readonly eventType: string
  readonly summary: string
  readonly originalType: string
  readonly value: Readonly<Record<string, unknown>>
}

const envelopeSchema = z.looseObject({
  event_type: z.string(),
  resource: z.looseObject({
    original_type: z.string(),
    ciphertext: z.string(),
    associated_data: z.string(),
    nonce: z.string(),
  }),
})
/** A notification's body, read. */
export type Envelope = z.infer<typeof envelopeSchema>

/** The parts of an encrypted resource that encryption makes. */
function sealedParts(text: string, apiV3Key: string, originalType: string) {
  const { ciphertext, associatedData, nonce } = seal(text, apiV3Key, originalType)
  return { ciphertext, associated_data: associatedData, nonce }
}

/** The envelope of a notification as JSON text, its resource encrypted with the merchant's APIv3 key. */
export function buildEnvelope(
  resource: Resource,
  options: { readonly id: string; readonly createdAt: Date; readonly apiV3Key: string },
): string {
  const { originalType } = resource
  return JSON.stringify({
    id: options.id,
    create_time: toChinaTime(options.createdAt),
    resource_type: 'encrypt-resource',
    event_type: resource.eventType,
    summary: resource.summary,
    resource: {
      original_type: originalType,
      algorithm: 'AEAD_AES_256_GCM',
      ...sealedParts(JSON.stringify(resource.value), options.apiV3Key, originalType),
    },
  })
}

/** Reads what `buildEnvelope` wrote. */
export const readEnvelope = (json: string): Envelope => envelopeSchema.parse(JSON.parse(json))

/** The text inside an envelope. @throws {Error} when the key is another */
export function openEnvelope({ resource }: Envelope, apiV3Key: string): string {
  const { ciphertext, associated_data: associatedData, nonce } = resource
  return unseal({ ciphertext, associatedData, nonce }, apiV3Key)
}

/** The same envelope around another text. */
export const refillEnvelope = (envelope: Envelope, text: string, apiV3Key: string): Envelope => ({
  ...envelope,
  resource: { ...envelope.resource, ...sealedParts(text, apiV3Key, envelope.resource.original_type) },
})
