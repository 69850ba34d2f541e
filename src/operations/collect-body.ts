import type { IncomingMessage } from 'node:http'
import { isChunked, maxPieces } from './body-pieces.ts'

/** The bytes of a body that came to its end, or why there are none. */
export type Collected = Buffer | 'too-large' | 'too-many-chunks' | 'unreadable'

const FIRST_BYTES = 1024

/**
 * One buffer that grows. A list of pieces costs more than 200 times the memory when a client sends single bytes.
 */
function growingBuffer(maxBytes: number) {
  let buffer = Buffer.allocUnsafeSlow(Math.min(FIRST_BYTES, maxBytes))
  let size = 0
  return {
    /** False when there are more than `maxBytes`. */
    append(piece: Buffer): boolean {
      const needed = size + piece.length
      if (needed > maxBytes) return false
      if (needed > buffer.length) {
        const larger = Buffer.allocUnsafeSlow(Math.min(maxBytes, Math.max(needed, 2 * buffer.length)))
        buffer.copy(larger, 0, 0, size)
        buffer = larger
      }
      piece.copy(buffer, size)
      size = needed
      return true
    },
    bytes: () => buffer.subarray(0, size),
  }
}

/**
 * Reads the body of a request up to `maxBytes`. An abort of `givenUp` counts as unreadable. After
 * anything but a buffer, what the client still sends is discarded.
 */
export function collectBody(
  request: IncomingMessage,
  maxBytes: number,
  givenUp: AbortSignal,
): Promise<Collected> {
  return new Promise((resolve) => {
    const collected = growingBuffer(maxBytes)
    let piecesLeft = isChunked(request) ? maxPieces(maxBytes) : Infinity

    function finish(body: Collected): void {
      request.off('data', take).off('end', end).off('close', breakOff)
      givenUp.removeEventListener('abort', breakOff)
      request.resume()
      resolve(body)
    }
    function take(piece: Buffer): void {
      piecesLeft -= 1
      if (piecesLeft < 0) finish('too-many-chunks')
      else if (!collected.append(piece)) finish('too-large')
    }
    const end = (): void => finish(collected.bytes())
    const breakOff = (): void => finish('unreadable')

    // An error of the connection closes the request, too.
    request.on('error', () => undefined)
    if (request.destroyed || givenUp.aborted) return breakOff()
    givenUp.addEventListener('abort', breakOff)
    request.on('data', take).once('end', end).once('close', breakOff)
  })
}
