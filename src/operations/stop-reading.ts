import type { Socket } from 'node:net'

/** A connection that is not read any more is kept for this long, in milliseconds, for its client to read an answer. */
const LINGER_MS = 1000

/** What Node's HTTP server keeps at a connection; not documented. */
interface HttpSocket extends Socket {
  readonly parser?: { onIncoming?: () => number } | null
}

/**
 * Drops the requests that were already read from a connection after the present one. Thousands fit in one read, and Node
 * builds a response for each and, when the connection closes, an error. If a version of Node has no such parser, this
 * does nothing, and they only cost more.
 */
export function dropRequests({ parser }: HttpSocket): void {
  if (parser?.onIncoming !== undefined) parser.onIncoming = () => 0
}

const stopped = new WeakSet<Socket>()

/**
 * Reads nothing more from a connection, and closes it after a second. What is read only to be discarded costs as much as
 * what is served.
 */
export function stopReading(socket: Socket): void {
  if (stopped.has(socket) || socket.destroyed) return
  stopped.add(socket)
  dropRequests(socket)
  socket.pause()
  // Node's HTTP server resumes a connection to discard a body that nobody has read.
  socket.on('resume', () => socket.pause())
  const cut = setTimeout(() => socket.destroy(), LINGER_MS).unref()
  socket.once('close', () => clearTimeout(cut))
}
