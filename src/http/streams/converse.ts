import { CloseCode } from 'graphql-ws'
import type { WebSocket } from 'ws'
import { createGraphqlServer } from './graphql-server.ts'
import type { Heartbeat } from './heartbeat.ts'
import { holdWhileOpen } from './hold.ts'
import { createOperations } from './operations.ts'
import type { StreamParts } from './prepare-operation.ts'

const SERVICE_RESTART = 1012

/** Resolves when the message has left this process, so that a slow client is waited for, operation by operation. */
function send(socket: WebSocket, message: string, bufferedBytes: number): Promise<void> {
  if (socket.readyState !== socket.OPEN) return Promise.resolve()
  // Answers to many operations at once, or to its own pings, for somebody who does not read them.
  if (socket.bufferedAmount > bufferedBytes) socket.terminate()
  // What cannot be sent any more is followed by the end of the socket, which ends its operations.
  return new Promise((resolve) => socket.send(message, () => resolve()))
}

/**
 * Joins sockets to graphql-ws. Its own adapter for ws prints what strangers send on the console, and has a timer for each
 * socket.
 */
export function createConversation(parts: StreamParts, heartbeat: Heartbeat) {
  const { log, limits, departures } = parts
  const graphql = createGraphqlServer(parts)

  function listen(socket: WebSocket, hear: (message: string) => Promise<void>): void {
    socket.on('message', (data: Buffer) => {
      hear(data.toString()).catch((error: unknown) => {
        log.error({ err: error }, 'A message over a WebSocket could not be answered.')
        socket.close(CloseCode.InternalServerError, 'Something went wrong here.')
      })
    })
    // Frames that are none, or too large: ws closes the socket with the code for it.
    socket.on('error', ({ message }) => log.debug({ reason: message }, 'A WebSocket broke the protocol.'))
  }

  return function converse(socket: WebSocket): void {
    const operations = createOperations()
    const hold = holdWhileOpen(socket)
    const closed = graphql.opened(
      {
        protocol: socket.protocol,
        send: (message) => send(socket, message, limits.bufferedBytes),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (hear) => listen(socket, hear),
      },
      { socket, operations, hold },
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
