import { expect, test } from 'vitest'
import { readSandbox } from './sandbox.ts'

test('outside the sandbox nothing is filled in', () => {
  expect(readSandbox(null)).toEqual({ headers: '', note: '' })
})

test('the headers are filled in as people would write them', () => {
  const given = '{"headers":{"authorization":"Bearer k"},"note":"No real money moves."}'
  expect(readSandbox(given)).toEqual({
    headers: '{\n  "authorization": "Bearer k"\n}',
    note: 'No real money moves.',
  })
})
