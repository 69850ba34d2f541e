import { z } from 'zod'
import { parameterError } from './api-error.ts'
import type { ApiError } from './api-error.ts'

type Problem = { readonly message: string; readonly issue: string }

const shownValueLength = 64

/** The kinds of text and number that the platform's parameters are made of. */
export const text = (max: number): z.ZodString => z.string().min(1).max(max)
/** A text that the platform measures in bytes of UTF-8, not in characters. */
export const textOfBytes = (max: number): z.ZodString =>
  z
    .string()
    .min(1)
    .check(({ value, issues }) => {
      if (Buffer.byteLength(value) <= max) return
      issues.push({ code: 'too_big', origin: 'string', maximum: max, inclusive: true, input: value })
    })
/** A signed 32-bit number of fen or pieces. */
export const int32 = z.int32()

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root
  for (const key of path) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
  }
  return value
}

const shown = (value: unknown): unknown => {
  if (typeof value === 'string') return value.slice(0, shownValueLength)
  return typeof value === 'number' || typeof value === 'boolean' ? value : ''
}

function typeProblem(expected: string, value: unknown): Problem {
  if (value === undefined) return { message: '必填性规则校验失败，此字段为必填项', issue: 'required' }
  return { message: `类型错误，此字段需要${expected}类型的值`, issue: `must be of type ${expected}` }
}

function limitProblem(what: 'text' | 'number', side: 'min' | 'max', limit: number | bigint): Problem {
  const rule = what === 'text' ? '字符串规则校验失败，长度' : '数值规则校验失败，值'
  const measure = what === 'text' ? 'length' : 'value'
  return side === 'min'
    ? { message: `${rule}小于最小值 ${limit}`, issue: `${measure} below ${limit}` }
    : { message: `${rule}超过最大值 ${limit}`, issue: `${measure} above ${limit}` }
}

function describe(issue: z.core.$ZodIssue, value: unknown): Problem {
  if (issue.code === 'invalid_type') return typeProblem(issue.expected, value)
  if (issue.code === 'too_small' || issue.code === 'too_big') {
    const what = issue.origin === 'string' ? 'text' : 'number'
    return issue.code === 'too_small'
      ? limitProblem(what, 'min', issue.minimum)
      : limitProblem(what, 'max', issue.maximum)
  }
  return { message: '规则校验失败，取值不合法', issue: issue.message }
}

/** The platform's refusal for the first thing wrong with `input`. */
function toApiError(error: z.ZodError, input: unknown, location: 'body' | 'query'): ApiError {
  const [first] = error.issues
  if (!first) return parameterError('参数错误', { field: '', value: '', issue: 'invalid', location })
  const unknownKey = first.code === 'unrecognized_keys' ? first.keys[0] : undefined
  const path = unknownKey === undefined ? first.path : [...first.path, unknownKey]
  const value = valueAt(input, path)
  const problem =
    unknownKey === undefined
      ? describe(first, value)
      : { message: '未在接口中定义，请检查后再试', issue: 'unknown field' }
  const field = path.map((key) => `/${String(key)}`).join('')
  return parameterError(`输入源“/${location}${field}”${problem.message}`, {
    field,
    value: shown(value),
    issue: problem.issue,
    location,
  })
}

/**
 * Checks parameters against a schema.
 * @throws {ApiError} PARAM_ERROR for the first mistake, as the platform reports one at a time.
 */
export function parseParameters<T>(schema: z.ZodType<T>, input: unknown, location: 'body' | 'query'): T {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  throw toApiError(result.error, input, location)
}
