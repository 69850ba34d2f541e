import { parameterError } from './api-error.ts'
import type { ApiError } from './api-error.ts'

const beyondThreeBytes = /[\u{10000}-\u{10FFFF}]/u

const unreadable = (issue: string): ApiError =>
  parameterError('请求体不是合法的UTF-8编码的JSON，请检查', { field: '', value: '', issue, location: 'body' })

/** Deeper than any parameter of the platform's. */
const mostLevels = 32

type Place = { readonly value: unknown; readonly pointer: string; readonly level: number }

const membersOf = ({ value, pointer, level }: Place): readonly (Place & { readonly key: string })[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries<unknown>({ ...value }).map(([key, member]) => ({
        key,
        value: member,
        pointer: `${pointer}/${key}`,
        level: level + 1,
      }))

/**
 * The pointer to the first text, key or value, that holds a character which takes four bytes in UTF-8. It is not
 * recursive, because the sender chooses the depth.
 * @throws {ApiError} PARAM_ERROR when it is nested too deeply
 */
function findWideText(body: object): string | undefined {
  const places: Place[] = [{ value: body, pointer: '', level: 0 }]
  for (let place = places.pop(); place !== undefined; place = places.pop()) {
    if (place.level > mostLevels) throw unreadable(`nested deeper than ${mostLevels} levels`)
    if (typeof place.value === 'string' && beyondThreeBytes.test(place.value)) return place.pointer
    const members = membersOf(place)
    if (members.some(({ key }) => beyondThreeBytes.test(key))) return place.pointer
    places.push(...members.toReversed())
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
  const wide = findWideText(value)
  if (wide === undefined) return value
  const issue = 'characters of four bytes in UTF-8 (such as emoji) are not allowed'
  throw parameterError(`输入源“/body${wide}”含有不支持的字符，仅支持1到3字节的UTF-8字符`, {
    field: wide,
    value: '',
    issue,
    location: 'body',
  })
}
