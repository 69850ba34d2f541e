import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * A client that half-closes has either disconnected or still reads: the server cannot distinguish. A streamed answer goes on
 * for this long after it, and an operation that waits is executed if its turn comes within it, in milliseconds.
 */
const HALF_CLOSED_MS = 300

/** When the clients of connections half-closed; undefined while they have not. Several requests may share a connection. */
const halfClosedAt = new WeakMap<Socket, number | undefined>()

function note(socket: Socket): void {
  if (halfClosedAt.has(socket)) return
  const end = (): void => void halfClosedAt.set(socket, performance.now())
  halfClosedAt.set(socket, undefined)
  if (socket.readableEnded) end()
  else socket.once('end', end)
}

/**
 * Returns a function that tells whether the client of a request has disconnected: its connection is closed, or was half-closed
 * longer than a moment ago, as clients do that give up. For what is not executed yet; what is executing goes on, and is answered.
 */
export function clientAbsence(response: ServerResponse): () => boolean {
  const { socket } = response.req
  note(socket)
  return () => {
    const endedAt = halfClosedAt.get(socket)
    return response.destroyed || (endedAt !== undefined && performance.now() - endedAt > HALF_CLOSED_MS)
  }
}

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
