import type { Log } from '../../src/operations/log.ts'

/** A line of the log. */
export interface LogLine {
  readonly level: keyof Log
  readonly fields: object
  readonly message: string
}

/** A log that only remembers. */
export function recordedLog(): { readonly log: Log; readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = []
  const write =
    (level: keyof Log) =>
    (fields: object, message: string): void =>
      void lines.push({ level, fields, message })
  return {
    log: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    lines,
  }
}
