import type { WebSocket } from 'ws'
import type { QueueKey, Scheduler } from '../operations/scheduler.ts'

/** How the messages of one socket are read. */
export interface FrameReader {
  /** The queue in which the socket waits. */
  readonly queueKey: () => QueueKey
  /** Reads one message; must not throw. */
  readonly read: (message: string) => void
}

/** A socket with so many unread messages is not read from the network any more, until half of them are left. */
const MAX_WAITING_FRAMES = 32

/** Messages, pings and pongs that an honest client may have sent before it read that its socket is being closed. */
const MAX_LATE_FRAMES = 256

/**
 * Counts what comes on a socket that is being closed. It is read for the answer to the close frame; when too much else
 * comes, it is not read any more, and its time-out closes it. Returns whether it may be read.
 */
function boundLateFrames(socket: WebSocket): () => boolean {
  let late = 0
  const count = (): void => {
    if (socket.readyState === socket.OPEN) return
    late += 1
    if (late > MAX_LATE_FRAMES) socket.pause()
  }
  socket.on('message', count).on('ping', count).on('pong', count)
  return () => late <= MAX_LATE_FRAMES
}

/**
 * Reads the messages of a socket one by one, in their order, as the scheduler says. Backpressure on the connection slows
 * down a client that sends faster than it is served.
 */
export function readFrames(socket: WebSocket, scheduler: Scheduler, { queueKey, read }: FrameReader): void {
  const frames: Buffer[] = []
  let hasTurn = false
  const mayBeRead = boundLateFrames(socket)

  function waitForTurn(): void {
    if (hasTurn || frames.length === 0) return
    hasTurn = true
    scheduler.schedule(queueKey(), readNext)
  }

  function readNext(): void {
    hasTurn = false
    // Messages of a socket that is being closed are dropped; it is read on for the answer to the close frame.
    if (socket.readyState !== socket.OPEN) frames.length = 0
    const frame = frames.shift()
    if (frame !== undefined) read(frame.toString())
    if (mayBeRead() && socket.isPaused && frames.length <= MAX_WAITING_FRAMES / 2) socket.resume()
    waitForTurn()
  }

  socket.on('message', (frame: Buffer) => {
    if (socket.readyState !== socket.OPEN) return
    frames.push(frame)
    if (frames.length > MAX_WAITING_FRAMES) socket.pause()
    waitForTurn()
  })
}
