import type { IncomingMessage, ServerResponse } from 'node:http'
import { stopReading } from './stop-reading.ts'

const BYTES_PER_PIECE = 64
const SPARE_PIECES = 256

/** The largest body of any request, in bytes. */
const MAX_BODY_BYTES = 64 * 1024

/** How many chunks a body of up to `maxBytes` may have: each costs as much as a small read from the network. */
export function maxPieces(maxBytes: number): number {
  return Math.ceil(maxBytes / BYTES_PER_PIECE) + SPARE_PIECES
}

/** True for a body whose pieces are as small as its client wants; others have the size of what was read from the network. */
export function isChunked({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined
}

/**
 * Stops to read a connection when its request has far too many chunks, whether or not they are being read, and when its
 * answer was finished before its chunks had come: those would be discarded one by one, without a bound.
 */
export function boundPieces(request: IncomingMessage, response: ServerResponse): void {
  if (!isChunked(request)) return
  // The reader of the body sees that there is one too many.
  let left = maxPieces(MAX_BODY_BYTES) + 1
  const push = request.push.bind(request)
  request.push = (piece: unknown) => {
    if (piece === null) return push(piece)
    left -= 1
    if (left >= 0) return push(piece)
    stopReading(request.socket)
    return false
  }
  response.once('finish', () => {
    if (!request.complete) stopReading(request.socket)
  })
}
