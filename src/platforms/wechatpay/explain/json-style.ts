/** White space of JSON: as `JSON.stringify` writes it, with `", "` and `": "`, or indented. */
export type Layout = 'compact' | 'spaced' | 'indented-2' | 'indented-4'

/** How one and the same JSON value may be written. */
export interface JsonStyle {
  readonly layout: Layout
  /** Characters beyond ASCII: as themselves, or as `\uXXXX`. */
  readonly characters: 'literal' | 'escaped'
  /** As `/` or as `\/`. */
  readonly slashes: 'literal' | 'escaped'
}

/** All layouts, the most usual first. */
export const LAYOUTS = ['compact', 'spaced', 'indented-2', 'indented-4'] as const satisfies readonly Layout[]

const ENVELOPE_FIELDS = ['id', 'create_time', 'resource_type', 'event_type', 'summary', 'resource']
const RESOURCE_FIELDS = ['original_type', 'algorithm', 'ciphertext', 'associated_data', 'nonce']

/** The order in which the platform's documents and its real notifications name the fields. */
const DOCUMENTED = [...ENVELOPE_FIELDS, ...RESOURCE_FIELDS]

/** More than any notification has; deeper ones could exhaust the stack. */
const MAX_DEPTH = 8

/** How the keys of all objects may be ordered. */
export type KeyOrder = 'sorted' | 'documented'

function documentedRank(key: string): number {
  const rank = DOCUMENTED.indexOf(key)
  return rank === -1 ? DOCUMENTED.length : rank
}

const COMPARE: Readonly<Record<KeyOrder, (one: string, other: string) => number>> = {
  sorted: (one, other) => (one < other ? -1 : Number(one > other)),
  documented: (one, other) => documentedRank(one) - documentedRank(other),
}

/** The same value with the keys of its objects in another order. */
export function reordered(value: unknown, order: KeyOrder): unknown {
  if (Array.isArray(value)) return value.map((item) => reordered(item, order))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([one], [other]) => COMPARE[order](one, other))
  return Object.fromEntries(entries.map(([key, item]) => [key, reordered(item, order)]))
}

/** Tells whether a value is no deeper than notifications may be. */
export function isShallow(value: unknown, depth = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return true
  return depth > 0 && Object.values(value).every((item) => isShallow(item, depth - 1))
}

function laidOut(value: unknown, layout: Layout): string {
  switch (layout) {
    case 'compact':
      return JSON.stringify(value)
    case 'indented-2':
      return JSON.stringify(value, null, 2)
    case 'indented-4':
      return JSON.stringify(value, null, 4)
    case 'spaced':
      // Line breaks stand only between tokens: within strings they are escaped.
      return JSON.stringify(value, null, 1).replaceAll(/,\n */g, ', ').replaceAll(/\n */g, '')
  }
}

/** A character beyond ASCII; one beyond the basic plane is two of them, as in JSON escapes. */
const BEYOND_ASCII = /[\u0080-\uffff]/g

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** Tells whether a text has characters beyond ASCII. */
export function isBeyondAscii(text: string): boolean {
  return text.search(BEYOND_ASCII) !== -1
}

/** Writes a JSON value in a style. */
export function writeJson(value: unknown, { layout, characters, slashes }: JsonStyle): string {
  const text = laidOut(value, layout)
  const ascii = characters === 'literal' ? text : text.replaceAll(BEYOND_ASCII, escapeCharacter)
  return slashes === 'literal' ? ascii : ascii.replaceAll('/', '\\/')
}

/** The text without what stands in its strings. */
function skeleton(json: string): string {
  return json.replaceAll(/"[^"\\]*(?:\\.[^"\\]*)*"/g, '""')
}

/** The style in which this text writes this value; a layout that is none of the known ones is undefined. */
export function styleOf(
  json: string,
  value: unknown,
): Omit<JsonStyle, 'layout'> & { readonly layout: Layout | undefined } {
  const bones = skeleton(json)
  return {
    layout: LAYOUTS.find((layout) => skeleton(laidOut(value, layout)) === bones),
    characters: /\\u[0-9a-f]{4}/i.test(json) ? 'escaped' : 'literal',
    slashes: json.includes('\\/') ? 'escaped' : 'literal',
  }
}
