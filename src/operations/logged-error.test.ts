import { expect, test } from 'vitest'
import { createLog } from './log.ts'

/** What one line of the real log says of an error. */
function lineOf(error: unknown): { readonly text: string; readonly err: Readonly<Record<string, unknown>> } {
  const lines: string[] = []
  createLog('debug', { write: (line) => void lines.push(line) }).error({ err: error }, 'It failed.')
  const text = lines.join('')
  const { err } = JSON.parse(text) as { readonly err: Readonly<Record<string, unknown>> }
  return { text, err }
}

function thrownBy(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

test('type, code, message and frames of an error and its causes are logged, and no other property', () => {
  const cause = Object.assign(new TypeError('The socket broke.'), { code: 'EPIPE', command: ['SET', 'o-1'] })
  const error = Object.assign(new Error('It failed.', { cause }), {
    code: 'HPE_INVALID_METHOD',
    rawPacket: Buffer.from('POST / HTTP/1.1'),
    document: { payerId: 'o-payer-1' },
  })
  const { err } = lineOf(error)
  expect(Object.keys(err)).toEqual(['type', 'message', 'code', 'stack', 'cause'])
  expect(err).toMatchObject({ type: 'Error', code: 'HPE_INVALID_METHOD', message: 'It failed.' })
  expect(err['stack']).toMatch(/^ {4}at /)
  expect(err['cause']).toMatchObject({ type: 'TypeError', code: 'EPIPE', message: 'The socket broke.' })
})

test.each([
  ['a token', new Error('no eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJTRUNSRVQifQ.SECRET here')],
  ['a key', new Error('sent Authorization: Bearer SECRET')],
  ['a password', new Error('cannot reach mongodb://paybell:SECRET@db/paybell')],
  ['the address of a pay page', new Error('GET /pay/SECRET failed')],
  ['the address of a stream', new Error('GET /graphql/stream?token=SECRET failed')],
  ['a body that is not JSON', thrownBy(() => JSON.parse('{"openid":\n"SECRET"'.padEnd(80, '?')))],
  ['a short text that is not JSON', thrownBy(() => JSON.parse('SECRET'))],
])('%s in a message is not logged, nor in the stack', (_what, error) => {
  expect(lineOf(error).text).not.toContain('SECRET')
})

test('the length of a line is bounded', () => {
  const endless = new Error('x'.repeat(1_000_000))
  endless.cause = endless
  const many = new AggregateError(Array.from({ length: 1000 }, () => endless))
  for (const error of [endless, many]) expect(lineOf(error).text.length).toBeLessThan(40_000)
})

test('the errors of an aggregate are logged', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
  const { err } = lineOf(new AggregateError([refused, refused]))
  expect(err['errors']).toMatchObject([{ code: 'ECONNREFUSED' }, { code: 'ECONNREFUSED' }])
})

test.each([undefined, null, 'a sentence', { openid: 'SECRET' }])(
  'a thrown value that is not an error: %j',
  (thrown) => {
    const { text } = lineOf(thrown)
    expect(text).toContain('It failed.')
    expect(text).not.toContain('SECRET')
  },
)
