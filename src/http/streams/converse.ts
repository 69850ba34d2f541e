import { CloseCode } from 'graphql-ws'
import type { WebSocket } from 'ws'
import { anonymousQueueKey, queueKeyOf } from '../operations/callers.ts'
import { isNestedTooDeeply } from '../operations/nesting.ts'
import { readFrames } from './frames.ts'
import { createGraphqlServer } from './graphql-server.ts'
import type { Heartbeat } from './heartbeat.ts'
import { holdWhileOpen } from './hold.ts'
import { createOperations } from './operations.ts'
import type { StreamParts } from './prepare-operation.ts'
import type { Session } from './session.ts'

const SERVICE_RESTART = 1012

/** What the protocol has room for, in bytes. */
const MAX_REASON_BYTES = 123

/** Resolves when the message has left this process, so that a slow client is waited for, operation by operation. */
function send(socket: WebSocket, message: string, bufferedBytes: number): Promise<void> {
  if (socket.readyState !== socket.OPEN) return Promise.resolve()
  // Answers to many operations at once, or to its own pings, for somebody who does not read them.
  if (socket.bufferedAmount > bufferedBytes) socket.terminate()
  // What cannot be sent any more is followed by the end of the socket, which ends its operations.
  return new Promise((resolve) => socket.send(message, () => resolve()))
}

/** A reason may quote what the client sent, however long that is. */
function close(socket: WebSocket, code: number, reason: string): void {
  const bytes = Buffer.from(reason)
  if (bytes.length <= MAX_REASON_BYTES) return socket.close(code, reason)
  socket.close(code, bytes.toString('latin1', 0, MAX_REASON_BYTES).replaceAll(/[^\x20-\x7e]/g, '?'))
}

/**
 * Joins sockets to graphql-ws. Its own adapter for ws prints what strangers send on the console, and has a timer for each
 * socket.
 */
export function createConversation(parts: StreamParts, heartbeat: Heartbeat) {
  const { pipeline, log, limits, departures } = parts
  const graphql = createGraphqlServer(parts)

  function listen(session: Session, hear: (message: string) => Promise<void>): void {
    const { socket, address } = session
    const fail = (error: unknown): void => {
      log.error({ err: error }, 'A message over a WebSocket could not be answered.')
      close(socket, CloseCode.InternalServerError, 'Something went wrong here.')
    }
    readFrames(socket, pipeline.scheduler, {
      queueKey: () =>
        session.caller === undefined ? anonymousQueueKey(address) : queueKeyOf(session.caller),
      read: (message) => void hear(message).catch(fail),
    })
    // Frames that are none, or too large: ws closes the socket with the code for it.
    socket.on('error', ({ message }) => log.debug({ reason: message }, 'A WebSocket broke the protocol.'))
  }

  /** The payload of a ping is sent back as it came; JSON that is nested too deeply cannot be written. */
  async function pong(socket: WebSocket, payload: unknown): Promise<void> {
    if (isNestedTooDeeply(payload))
      return close(socket, CloseCode.BadRequest, 'The payload of the ping is nested too deeply.')
    await send(socket, JSON.stringify({ type: 'pong', payload }), limits.bufferedBytes)
  }

  return function converse(socket: WebSocket, address: string): void {
    const operations = createOperations()
    const hold = holdWhileOpen(socket)
    const session: Session = { socket, operations, hold, address }
    const closed = graphql.opened(
      {
        protocol: socket.protocol,
        send: (message) => send(socket, message, limits.bufferedBytes),
        close: (code = CloseCode.InternalServerError, reason = '') => close(socket, code, reason),
        onMessage: (hear) => listen(session, hear),
        onPing: (payload) => pong(socket, payload),
      },
      session,
    )
    heartbeat.attend({ socket, idleSince: operations.idleSince })
    hold(departures.add(() => socket.close(SERVICE_RESTART, 'The gateway restarts; come back.')))
    hold(operations.endAll)
    socket.once('close', (code, reason) => {
      closed(code, reason.toString()).catch((error: unknown) =>
        log.error({ err: error }, 'What a WebSocket had under way could not be ended.'),
      )
    })
  }
}
