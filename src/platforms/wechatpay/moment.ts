import { z } from 'zod'

/** The parts of a moment, in every spelling that leaves no doubt: an offset is always there. */
const SPELLING =
  /^(?<day>\d{4}-\d{2}-\d{2})[Tt ](?<time>\d{2}:\d{2}:\d{2})(?:[.,](?<fraction>\d{1,9}))? ?(?:(?<utc>[Zz])|(?<sign>[+-])(?<hours>\d{2})(?::?(?<minutes>\d{2}))?)$/

const rfc3339 = z.iso.datetime({ offset: true })

/** The same moment as RFC 3339 writes it; the text itself when it has no spelling that is known. */
function respelt(text: string): string {
  const { groups } = SPELLING.exec(text) ?? {}
  if (groups === undefined) return text
  const { day, time, fraction, utc, sign, hours, minutes = '00' } = groups
  const offset = utc === undefined ? `${sign}${hours}:${minutes}` : 'Z'
  return `${day}T${time}${fraction === undefined ? '' : `.${fraction}`}${offset}`
}

/**
 * A moment with its offset from UTC. RFC 3339 is documented (`2026-01-01T00:00:00+08:00`); `+0800`, `+08`, a space for the
 * T, small letters and fractions of a second mean the same. A moment without an offset may be China's or UTC, so it is not
 * read.
 */
export const moment = z
  .string()
  .transform(respelt)
  .pipe(rfc3339)
  .transform((written) => new Date(written))
