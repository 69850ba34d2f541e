import type { Context } from 'koa'
import type { Log } from '../operations/log.ts'

/** What Node says of a connection whose other end is not there any more. */
const GONE = new Set<unknown>(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE'])

function propertyOf(error: unknown, name: 'code' | 'status'): unknown {
  return error instanceof Error ? Reflect.get(error, name) : undefined
}

/** Koa's refusals, e.g. of an address that cannot be decoded, are errors with the status of the answer. */
function isRefusal(error: unknown): boolean {
  const status = propertyOf(error, 'status')
  return typeof status === 'number' && status >= 400 && status < 500
}

/** The client violated HTTP, e.g. sent more bytes than its Content-Length, or was too slow. */
function isBreach(code: unknown): boolean {
  return typeof code === 'string' && (code.startsWith('HPE_') || code === 'ERR_HTTP_REQUEST_TIMEOUT')
}

/** The log message when the client caused the failure; undefined otherwise. */
function clientMistake(error: unknown, context: Context | undefined): string | undefined {
  if (isRefusal(error)) return 'A request was refused.'
  // The same code may be that of a connection of our own to somebody else, and then the client is still there.
  if (context?.req.socket.destroyed !== true) return undefined
  const code = propertyOf(error, 'code')
  if (GONE.has(code)) return 'A client has left before it was answered.'
  return isBreach(code) ? 'A client violated HTTP.' : undefined
}

/** Logs why requests failed: failures that the client caused at debug level, all others as errors. */
export function logFailures(log: Log) {
  return (error: unknown, context?: Context): void => {
    const mistake = clientMistake(error, context)
    if (mistake === undefined) log.error({ err: error }, 'A request failed.')
    else log.debug({ err: error }, mistake)
  }
}
