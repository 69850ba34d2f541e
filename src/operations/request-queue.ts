import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { boundPieces } from './body-pieces.ts'
import { dropRequests, stopReading } from './stop-reading.ts'

/** A connection may have so many requests that wait for the answer to an earlier one. */
const MAX_WAITING_REQUESTS = 16

type Serve = (request: IncomingMessage, response: ServerResponse) => void

/** Serves the requests of each connection one at a time, in their order. */
export interface RequestQueue {
  /** Serves a request at once, or when the answers before it on its connection are finished. */
  arrived(request: IncomingMessage, response: ServerResponse): void
  /** Whether requests of the connection have not begun to be served. */
  isWaiting(socket: Socket): boolean
}

/**
 * Creates the queues. Clients may send requests without waiting for the answers, and all that were read at once would
 * be served in one turn of the event loop, during which nobody else is. Too many of them end the connection.
 */
export function createRequestQueue(serve: Serve): RequestQueue {
  /** Of each connection with a request under way. */
  const waiting = new WeakMap<Socket, (() => void)[]>()

  function begin(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request
    // A request after the last answer of its connection could not be answered, so it is not executed.
    if (socket.destroyed || socket.writableEnded) return stopReading(socket)
    response.once('close', () => void setImmediate(serveNext, socket))
    serve(request, response)
  }

  function serveNext(socket: Socket): void {
    const next = waiting.get(socket)?.shift()
    if (next === undefined) waiting.delete(socket)
    else next()
  }

  function arrived(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request
    if (socket.destroyed) return
    if (socket.writableEnded) return stopReading(socket)
    boundPieces(request, response)
    const queue = waiting.get(socket)
    if (queue === undefined) {
      waiting.set(socket, [])
      begin(request, response)
    } else if (queue.length < MAX_WAITING_REQUESTS) queue.push(() => begin(request, response))
    else {
      dropRequests(socket)
      socket.destroy()
    }
  }

  return { arrived, isWaiting: (socket) => (waiting.get(socket)?.length ?? 0) > 0 }
}
