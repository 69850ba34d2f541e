import { expect, test } from 'vitest'
import { readCapturedRequest } from './captured-request.ts'

const raw = { headers: [['Wechatpay-Nonce', 'abc']], body: Buffer.from('{"a": "中"}\n') }

test('JSON with the headers as an object, or as pairs', () => {
  for (const headers of [{ 'Wechatpay-Nonce': 'abc' }, [['Wechatpay-Nonce', 'abc']]]) {
    const file = JSON.stringify({ headers, body: '{"a": "中"}\n', receivedAt: '2026-01-01T00:00:00+08:00' })
    expect(readCapturedRequest(Buffer.from(file))).toEqual({
      raw,
      receivedAt: new Date('2025-12-31T16:00:00Z'),
    })
  }
})

test.each(['\n', '\r\n'])('a request as it went over the wire keeps its body byte by byte (%j)', (end) => {
  const head = ['POST /notify HTTP/1.1', 'Wechatpay-Nonce: abc', '', ''].join(end)
  const file = Buffer.concat([Buffer.from(head), raw.body])
  expect(readCapturedRequest(file)).toEqual({ raw, receivedAt: undefined })
})

test('anything else is refused in one sentence', () => {
  expect(() => readCapturedRequest(Buffer.from('hello'))).toThrow(
    /^The file is neither JSON .* nor an HTTP request/,
  )
})
