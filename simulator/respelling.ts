import type { DeliveryFault, FaultOf } from './fault-kinds.ts'

type Spelling = FaultOf<DeliveryFault, 'reserialise'>['how']

const replacedAt = 24
const marker = '"ciphertext":"'

/** Changes one byte, inside the ciphertext: the text stays valid JSON, so that nothing but the signature tells. */
export function corrupted(json: string): string {
  const found = json.indexOf(marker)
  const position = found < 0 ? Math.floor(json.length / 2) : found + marker.length + replacedAt
  const replacement = json.charAt(position) === 'A' ? 'B' : 'A'
  return `${json.slice(0, position)}${replacement}${json.slice(position + 1)}`
}

/** Reverses the order of an object's keys, and of those inside it. */
function reordered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const entries = Object.entries(value).reverse()
  return Object.fromEntries(entries.map(([name, member]) => [name, reordered(member)]))
}

const escaped = (json: string): string =>
  json.replaceAll(/[^ -~]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)

const indented = (json: string, indent: number): string => JSON.stringify(JSON.parse(json), undefined, indent)

const spellings: Readonly<Record<Spelling, (json: string) => string>> = {
  // No text in an envelope holds a raw line feed: each one is between two values.
  spaces: (json) => indented(json, 1).replaceAll(/\n */g, ' '),
  'key-order': (json) => JSON.stringify(reordered(JSON.parse(json))),
  'unicode-escapes': escaped,
  crlf: (json) => indented(json, 2).replaceAll('\n', '\r\n'),
  'trailing-newline': (json) => `${json}\n`,
}

/** Writes the same JSON value with other bytes, as a proxy or a logger on the way might. */
export const respelt =
  (how: Spelling) =>
  (json: string): string =>
    spellings[how](json)
