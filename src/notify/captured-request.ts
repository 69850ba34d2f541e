import { z } from 'zod'
import type { RawNotification } from '../platforms/platform.ts'

/** A callback that somebody saved: what arrived, and when, if that was noted. */
export interface CapturedRequest {
  readonly raw: RawNotification
  readonly receivedAt: Date | undefined
}

const headerPairs = z.union([
  z.array(z.tuple([z.string(), z.string()])),
  z.record(z.string(), z.string()).transform((headers) => Object.entries(headers)),
])

const jsonCapture = z.object({
  headers: headerPairs,
  body: z.string(),
  receivedAt: z.iso.datetime({ offset: true }).optional(),
})

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** `Name: value` lines, an empty line, and the body to the end of the file, byte by byte. */
function readHttp(file: Buffer): RawNotification | undefined {
  const text = file.toString('latin1')
  const end = /\r?\n\r?\n/.exec(text)
  if (end === null) return undefined
  const lines = text.slice(0, end.index).split(/\r?\n/)
  const headers = lines.flatMap((line) => {
    const [, name, value] = /^([\w-]+): *(.*)$/.exec(line) ?? []
    return name === undefined || value === undefined ? [] : [[name, value] as const]
  })
  if (headers.length === 0) return undefined
  return { headers, body: file.subarray(end.index + end[0].length) }
}

/**
 * Reads a saved callback: JSON `{ headers, body, receivedAt? }` with the headers as an object or as pairs and the body
 * as text, or the request as it went over the wire (header lines, an empty line, the body).
 * @throws {Error} with one sentence when it is neither
 */
export function readCapturedRequest(file: Buffer): CapturedRequest {
  const json = jsonCapture.safeParse(parseJson(file.toString('utf8')))
  if (json.success) {
    const { headers, body, receivedAt } = json.data
    const at = receivedAt === undefined ? undefined : new Date(receivedAt)
    return { raw: { headers, body: Buffer.from(body) }, receivedAt: at }
  }
  const raw = readHttp(file)
  if (raw !== undefined) return { raw, receivedAt: undefined }
  throw new Error(
    'The file is neither JSON of the form { headers, body } nor an HTTP request (header lines, an empty line, the body).',
  )
}
