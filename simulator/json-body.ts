import { parameterError } from './api-error.ts'
import type { ApiError } from './api-error.ts'

const beyondThreeBytes = /[\u{10000}-\u{10FFFF}]/u

const unreadable = (issue: string): ApiError =>
  parameterError('请求体不是合法的UTF-8编码的JSON，请检查', { field: '', value: '', issue, location: 'body' })

/** The pointer to the first text, key or value, that holds a character which takes four bytes in UTF-8. */
function findWideText(value: unknown, pointer: string): string | undefined {
  if (typeof value === 'string') return beyondThreeBytes.test(value) ? pointer : undefined
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, member] of Object.entries(value)) {
    if (beyondThreeBytes.test(key)) return pointer
    const found = findWideText(member, `${pointer}/${key}`)
    if (found !== undefined) return found
  }
  return undefined
}

/**
 * Reads a JSON body under the platform's rules: UTF-8 with characters of one to three bytes only.
 * @throws {ApiError} PARAM_ERROR
 */
export function parseJsonBody(bytes: Buffer): unknown {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw unreadable('not valid JSON in UTF-8')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw unreadable('not a JSON object')
  const wide = findWideText(value, '')
  if (wide === undefined) return value
  const issue = 'characters of four bytes in UTF-8 (such as emoji) are not allowed'
  throw parameterError(`输入源“/body${wide}”含有不支持的字符，仅支持1到3字节的UTF-8字符`, {
    field: wide,
    value: '',
    issue,
    location: 'body',
  })
}
