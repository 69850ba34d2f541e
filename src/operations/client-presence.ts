import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'

/**
 * A client that half-closes has either disconnected or still reads: the server cannot distinguish. A streamed answer goes on
 * for this long after it, in milliseconds.
 */
const HALF_CLOSED_MS = 300

/**
 * Returns an emitter of `close`, emitted once when a streamed answer can end: the response has ended, the connection is
 * closed, or the client half-closed a moment ago.
 */
export function clientPresence(response: ServerResponse): EventEmitter {
  const presence = new EventEmitter()
  const { socket } = response.req
  let cut: NodeJS.Timeout | undefined
  const end = (): void => void presence.emit('close')
  const endSoon = (): void => void (cut ??= setTimeout(end, HALF_CLOSED_MS))
  socket.once('end', endSoon)
  response.once('close', () => {
    socket.off('end', endSoon)
    clearTimeout(cut)
    end()
  })
  if (socket.readableEnded) endSoon()
  return presence
}
