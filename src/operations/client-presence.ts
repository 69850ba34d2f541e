import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'

/**
 * A client that ends its side either has left or waits for the answer: no server can tell. What it asked for has this
 * long to be answered, in milliseconds, where it might otherwise wait for minutes.
 */
const HALF_CLOSED_MS = 300

/**
 * Emits `close` once, when nobody waits for a streamed answer any more: it has ended, its connection is closed, or the
 * client ended its side a moment ago.
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
