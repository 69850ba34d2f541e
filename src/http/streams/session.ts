import { GraphQLError } from 'graphql'
import { CloseCode } from 'graphql-ws'
import type { WebSocket } from 'ws'
import type { IdentifiedCaller } from '../operations/callers.ts'
import { msUntilExpiry, onExpiry, tokenExpired } from './expiry.ts'
import type { Hold } from './hold.ts'
import type { Operations } from './operations.ts'
import type { StreamParts } from './prepare-operation.ts'

/** What is known of one open socket. */
export interface Session {
  readonly socket: WebSocket
  readonly operations: Operations
  readonly hold: Hold
  /** The client's address, as it is counted. */
  readonly address: string
  /** The caller, since `connection_init`. */
  caller?: IdentifiedCaller
}

/** The payload of `connection_init`. */
export type Parameters = Record<string, unknown>

/** "Try again later", of the WebSocket protocol. */
const TRY_AGAIN_LATER = 1013

/** Sent as a parameter where a page can send no header, and spelt as freely as a header may be. */
function authorizationIn(parameters: Parameters | undefined): unknown {
  const name = Object.keys(parameters ?? {}).find((given) => given.toLowerCase() === 'authorization')
  return name === undefined ? undefined : parameters?.[name]
}

/** The error when it is one that the caller may read; any other is thrown on. */
export function refusalOf(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error
  throw error
}

/** Identifies the callers of sockets. */
export function identifySessions({ pipeline, seats }: StreamParts) {
  return {
    /** False for a socket that is closed. A bad token may connect: each operation gets the reason, as over HTTP. */
    async connect(session: Session, parameters: Parameters | undefined): Promise<boolean> {
      const { socket, hold, address } = session
      try {
        session.caller = await pipeline.identify(authorizationIn(parameters), address)
        if (socket.readyState !== socket.OPEN) return false
        hold(seats.connection(session.caller.context.caller))
      } catch (error) {
        socket.close(TRY_AGAIN_LATER, refusalOf(error).message)
        return false
      }
      const expire = (): void => socket.close(CloseCode.Forbidden, tokenExpired().message)
      hold(onExpiry(session.caller.context, expire))
      return true
    },

    /** The caller of an operation. One whose token has expired since it connected is identified anew. */
    async callerOf(
      { caller, address }: Session,
      parameters: Parameters | undefined,
    ): Promise<IdentifiedCaller> {
      if (caller !== undefined && msUntilExpiry(caller.context) > 0) return caller
      return pipeline.identify(authorizationIn(parameters), address)
    },
  }
}
