import { pino, type DestinationStream } from 'pino'
import { loggedError } from './logged-error.ts'

/** What the code logs through; one line is one JSON object. Secrets, openids and whole bodies never go in. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/**
 * Logs from `level` upwards (trace, debug, info, warn, error, fatal, silent), to standard output when no other stream is
 * given. An error is logged as the field `err`, reduced by `loggedError`.
 */
export function createLog(level: string, destination?: DestinationStream): Log {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: loggedError },
    // A second line of defence: these are not logged on purpose anywhere.
    redact: [
      'headers',
      'body',
      'authorization',
      'openid',
      'payerId',
      '*.authorization',
      '*.openid',
      '*.payerId',
    ],
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}
