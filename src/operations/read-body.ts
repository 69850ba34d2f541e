import type { IncomingMessage } from 'node:http'
import getRawBody from 'raw-body'

/** The exact bytes of a request, or why there are none. */
export type Body = Buffer | 'too-large' | 'unreadable'

/**
 * Reads the body of a request once, as it came, up to `maxBytes`. After anything but a buffer the rest of the body is
 * unread, so the answer has to close the connection.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Body> {
  try {
    return await getRawBody(request, { limit: maxBytes, length: request.headers['content-length'] ?? null })
  } catch (error) {
    const isTooLarge = error instanceof Error && 'type' in error && error.type === 'entity.too.large'
    return isTooLarge ? 'too-large' : 'unreadable'
  }
}
