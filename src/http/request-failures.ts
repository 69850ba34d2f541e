import type { Context } from 'koa'
import type { Log } from '../operations/log.ts'

/** What Node says of a connection whose other end is not there any more. */
const GONE = new Set<unknown>(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE'])

function hasLeft(error: unknown, context: Context | undefined): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  // The same code may be that of a connection of our own to somebody else, and then the client is still there.
  return GONE.has(code) && context?.req.socket.destroyed === true
}

/** Logs why requests failed: phones that lose their network are everyday life, anything else is a mistake of ours. */
export function logFailures(log: Log) {
  return (error: unknown, context?: Context): void => {
    if (hasLeft(error, context)) log.debug({ err: error }, 'A client has left before it was answered.')
    else log.error({ err: error }, 'A request failed.')
  }
}
