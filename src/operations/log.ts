import { pino } from 'pino'

/** What the code logs through; one line is one JSON object. Secrets, openids and whole bodies never go in. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Logs to standard output from `level` upwards (trace, debug, info, warn, error, fatal, silent). */
export function createLog(level: string): Log {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
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
  })
}
