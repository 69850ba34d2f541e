import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { onTestFinished } from 'vitest'
import { Aes, Formatter, Rsa } from 'wechatpay-axios-plugin'
import { z } from 'zod'

/** One notification as it arrived. */
export type Received = { readonly headers: IncomingHttpHeaders; readonly body: string }

/** A merchant's server, as far as notifications need one. */
export type Receiver = { readonly url: string; readonly received: readonly Received[] }

const envelopeSchema = z.object({
  id: z.string(),
  event_type: z.string(),
  resource_type: z.literal('encrypt-resource'),
  resource: z.object({
    algorithm: z.literal('AEAD_AES_256_GCM'),
    original_type: z.string(),
    ciphertext: z.string(),
    associated_data: z.string(),
    nonce: z.string().length(12),
  }),
})

/** Listens for notifications and answers the n-th with the n-th status, the last one again and again. */
export async function startReceiver(statuses: readonly number[], answer = ''): Promise<Receiver> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      response.statusCode = statuses[Math.min(received.length, statuses.length - 1)] ?? 204
      received.push({ headers: request.headers, body })
      response.end(answer)
    })
  })
  const address = await new Promise<string>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const found = server.address()
      resolve(`http://127.0.0.1:${typeof found === 'object' && found ? found.port : 0}/notify`)
    })
  })
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: address, received }
}

/** Verifies and opens a notification with the other maker's code, as a merchant would. */
export function openNotification(
  { headers, body }: Received,
  platform: { readonly id: string; readonly publicKeyPem: string },
  apiV3Key: string,
): { readonly id: string; readonly eventType: string; readonly resource: unknown } {
  const header = (name: string): string => z.string().parse(headers[`wechatpay-${name}`])
  const message = Formatter.response(header('timestamp'), header('nonce'), body)
  if (header('serial') !== platform.id) throw new Error('signed with a key that the merchant does not know')
  if (!Rsa.verify(message, header('signature'), platform.publicKeyPem))
    throw new Error('the signature is wrong')
  const { id, event_type: eventType, resource } = envelopeSchema.parse(JSON.parse(body))
  const { nonce, ciphertext, associated_data: aad } = resource
  const plaintext = Aes.AesGcm.decrypt(ciphertext, apiV3Key, nonce, aad)
  return { id, eventType, resource: JSON.parse(plaintext) as unknown }
}
