import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { boundedMessage, keptBytes, KEPT_MESSAGE } from './bounded-message.ts'

const BODY = Buffer.alloc(KEPT_MESSAGE.bodyBytes, 'b')

function times(count: number, name: string, value: string): [string, string][] {
  return Array.from({ length: count }, () => [name, value])
}

test('a message of the usual size is kept whole', () => {
  const message = { rawHeaders: times(40, 'x'.repeat(60), 'y'.repeat(100)), rawBody: BODY }
  expect(boundedMessage(message)).toEqual({ ...message, cutFrom: null })
  expect(keptBytes(message)).toBe(BODY.length + 40 * 160)
})

test('of a longer body the beginning is kept, and the length and SHA-256 of all of it', () => {
  const rawBody = Buffer.concat([BODY, Buffer.from('!')])
  const rawHeaders = times(1, 'a', 'b')
  expect(boundedMessage({ rawHeaders, rawBody })).toEqual({
    rawHeaders,
    rawBody: BODY,
    cutFrom: {
      headers: 1,
      bodyBytes: BODY.length + 1,
      bodySha256: createHash('sha256').update(rawBody).digest('hex'),
    },
  })
})

test.each([
  ['many', times(41, 'a', 'b'), times(40, 'a', 'b')],
  ['long in their names', times(1, 'n'.repeat(65), 'b'), times(1, 'n'.repeat(64), 'b')],
  ['long in their values', times(1, 'a', 'v'.repeat(1025)), times(1, 'a', 'v'.repeat(1024))],
  ['long together', times(9, 'a', 'v'.repeat(1023)), times(8, 'a', 'v'.repeat(1023))],
])('of headers that are too %s a bounded part is kept', (_what, rawHeaders, kept) => {
  const { length: headers } = rawHeaders
  const bounded = boundedMessage({ rawHeaders, rawBody: BODY })
  expect(bounded).toMatchObject({ rawHeaders: kept, cutFrom: { headers, bodyBytes: BODY.length } })
})

test('what is kept is never more than was said before, and bounded whatever comes', () => {
  const message = {
    rawHeaders: times(500, 'n'.repeat(3000), 'ÿ'.repeat(3000)),
    rawBody: Buffer.alloc(65_536),
  }
  const { rawHeaders, rawBody } = boundedMessage(message)
  const bytes = Buffer.byteLength(rawHeaders.flat().join('')) + rawBody.length
  expect(bytes).toBeLessThanOrEqual(keptBytes(message))
  expect(keptBytes(message)).toBe(16 * 1024)
})
