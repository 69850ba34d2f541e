import type { z } from 'zod'

/** Variables whose value may be a secret or hold one. */
const SECRET_VARIABLE = /SECRET|URI$|URL$|PROXY$/

/** Fields whose value may be shown; in all others there may be a secret, be it in the wrong field. */
const SHOWN_FIELDS: ReadonlySet<string> = new Set(['id', 'mchId', 'appIds'])

/** Longer than anything that is right in a field that may be shown; in characters. */
const LONGEST_SHOWN = 80

const NOUNS: Readonly<Record<string, string>> = {
  string: 'text',
  array: 'a list',
  object: 'an object in braces',
}

/** `merchants.0.wechatpay.appIds` reads better as `merchants[0].wechatpay.appIds`. */
function fieldName(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '')
}

function nameIn(path: readonly PropertyKey[]): string {
  return path.findLast((key) => typeof key === 'string') ?? ''
}

function isVariable(path: readonly PropertyKey[]): boolean {
  return path.length === 1 && /^[A-Z_]+$/.test(nameIn(path))
}

function mayBeShown(path: readonly PropertyKey[]): boolean {
  const name = nameIn(path)
  return isVariable(path) ? !SECRET_VARIABLE.test(name) : SHOWN_FIELDS.has(name)
}

function describeText(text: string, path: readonly PropertyKey[]): string {
  if (text === '') return 'is empty'
  if (mayBeShown(path) && text.length <= LONGEST_SHOWN) return `is ${JSON.stringify(text)}`
  return `is a text of ${text.length} characters that does not fit`
}

/** What a value is, without showing it where it may be a secret. */
function describe(value: unknown, path: readonly PropertyKey[]): string {
  if (value === undefined) return 'is missing'
  if (value === null) return 'is null'
  if (typeof value === 'string') return describeText(value, path)
  // A variable is text; where it is a number by now, its form was right and its value is not.
  if (typeof value === 'number' && isVariable(path)) return `is ${value}`
  if (Array.isArray(value)) return value.length === 0 ? 'is an empty list' : 'is a list'
  return typeof value === 'object' ? 'is an object in braces' : `is a ${typeof value}`
}

function sentenceOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.map((key) => JSON.stringify(key)).join(', ')
    return `is given ${names}, which is not known here; expected only what docs/configuration.md names`
  }
  if (issue.message.startsWith('expected')) return `${describe(issue.input, issue.path)}; ${issue.message}`
  if (issue.code !== 'invalid_type') return issue.message
  return `${describe(issue.input, issue.path)}; expected ${NOUNS[issue.expected] ?? issue.expected}`
}

/**
 * One line for each mistake: which field, what it is, what is expected. The error has to come from a parse with
 * `reportInput`; a schema's own message that begins with "expected" gets the first half from here.
 */
export function mistakesOf(prefix: string, error: z.ZodError): readonly string[] {
  return error.issues.map((issue) => {
    const field = fieldName(issue.path)
    return `${[prefix, field].filter(Boolean).join(': ')}: ${sentenceOf(issue)}`
  })
}
