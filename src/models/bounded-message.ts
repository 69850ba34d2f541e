import { createHash } from 'node:crypto'

/** Bounds of what is kept of a message that anybody may send. A real notification has about 2 kB and 15 headers. */
export const KEPT_MESSAGE = {
  bodyBytes: 8 * 1024,
  headers: 40,
  headerNameChars: 64,
  headerValueChars: 1024,
  headersBytes: 8 * 1024,
} as const

type Headers = readonly (readonly [name: string, value: string])[]

/** A message as it arrived. */
export interface WholeMessage {
  readonly rawHeaders: Headers
  readonly rawBody: Buffer
}

/** What a message was before something of it was left out. */
export interface MessageSize {
  readonly headers: number
  readonly bodyBytes: number
  /** Of the whole body, in hex. */
  readonly bodySha256: string
}

/** A message as it is kept. */
export interface KeptMessage extends WholeMessage {
  /** Null when all of it is kept. What was cut cannot be verified again. */
  readonly cutFrom: MessageSize | null
}

function bytesOf([name, value]: Headers[number]): number {
  return Buffer.byteLength(name) + Buffer.byteLength(value)
}

function cutHeaders(headers: Headers): Headers {
  const kept: Headers[number][] = []
  let left: number = KEPT_MESSAGE.headersBytes
  for (const [name, value] of headers.slice(0, KEPT_MESSAGE.headers)) {
    const pair = [
      name.slice(0, KEPT_MESSAGE.headerNameChars),
      value.slice(0, KEPT_MESSAGE.headerValueChars),
    ] as const
    left -= bytesOf(pair)
    if (left < 0) break
    kept.push(pair)
  }
  return kept
}

function isSame(one: Headers, other: Headers): boolean {
  return (
    one.length === other.length &&
    one.every(([name, value], index) => name === other[index]?.[0] && value === other[index][1])
  )
}

/** How many bytes of a message would be kept, at most. */
export function keptBytes({ rawHeaders, rawBody }: WholeMessage): number {
  let headersBytes = 0
  for (const pair of rawHeaders) headersBytes += bytesOf(pair)
  return Math.min(rawBody.length, KEPT_MESSAGE.bodyBytes) + Math.min(headersBytes, KEPT_MESSAGE.headersBytes)
}

/** Cuts a message down to what may be kept of it. */
export function boundedMessage({ rawHeaders, rawBody }: WholeMessage): KeptMessage {
  const headers = cutHeaders(rawHeaders)
  if (rawBody.length <= KEPT_MESSAGE.bodyBytes && isSame(headers, rawHeaders)) {
    return { rawHeaders, rawBody, cutFrom: null }
  }
  return {
    rawHeaders: headers,
    rawBody: rawBody.subarray(0, KEPT_MESSAGE.bodyBytes),
    cutFrom: {
      headers: rawHeaders.length,
      bodyBytes: rawBody.length,
      bodySha256: createHash('sha256').update(rawBody).digest('hex'),
    },
  }
}
