import { expect, it } from 'vitest'
import { ApiError } from './api-error.ts'
import { parseJsonBody } from './json-body.ts'

const nested = (levels: number, text = '') =>
  Buffer.from(`{"a":${'['.repeat(levels - 1)}"${text}"${']'.repeat(levels - 1)}}`)

function refusalOf(body: Buffer): ApiError {
  try {
    parseJsonBody(body)
  } catch (error) {
    if (error instanceof ApiError) return error
    throw error
  }
  throw new Error('The body was accepted.')
}

it.each([33, 2000, 30_000])('a body of %i levels is refused as any other mistake is', (levels) => {
  expect(refusalOf(nested(levels))).toMatchObject({
    status: 400,
    code: 'PARAM_ERROR',
    detail: { location: 'body', issue: 'nested deeper than 32 levels' },
  })
})

it('a body of 32 levels is read, and searched to its end', () => {
  expect(parseJsonBody(nested(32))).toHaveProperty('a')
  expect(refusalOf(nested(32, '\u{1f375}'))).toMatchObject({
    detail: { field: `/a${'/0'.repeat(31)}`, issue: expect.stringContaining('emoji') as string },
  })
})
