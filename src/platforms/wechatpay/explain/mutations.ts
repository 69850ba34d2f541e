import { gunzipSync } from 'node:zlib'
import { parseJson } from '../json.ts'
import type { JsonStyle, KeyOrder, Layout } from './json-style.ts'
import { isBeyondAscii, isShallow, LAYOUTS, reordered, styleOf, writeJson } from './json-style.ts'

/** One thing to undo about a body so that it is the one that was signed. */
export type Step =
  | 'bom-removed'
  | 'gunzipped'
  | 'break-removed'
  | 'break-added'
  | 'trimmed'
  | 'lf'
  | 'crlf'
  | 'utf8'
  | 'unwrapped'
  | Layout
  | KeyOrder
  | 'literal-characters'
  | 'escaped-characters'
  | 'literal-slashes'
  | 'escaped-slashes'

/** What may have been signed in place of the body that arrived, and how it comes out of that one. */
export interface Mutation {
  readonly steps: readonly Step[]
  readonly body: Buffer
}

const BOM = Buffer.from([0xef, 0xbb, 0xbf])
const MAX_UNZIPPED_BYTES = 64 * 1024

/** Longer bodies are not written anew: a notification has about 2 KiB, and each guess costs as much as its length. */
const MAX_REWRITTEN_BYTES = 16 * 1024

/** Changes text byte by byte: every byte is one character, so that nothing else changes. */
function asText(change: (text: string) => string): (body: Buffer) => Buffer {
  return (body) => Buffer.from(change(body.toString('latin1')), 'latin1')
}

function gunzipped(body: Buffer): Buffer {
  if (body[0] !== 0x1f || body[1] !== 0x8b) return body
  try {
    return gunzipSync(body, { maxOutputLength: MAX_UNZIPPED_BYTES })
  } catch {
    return body
  }
}

function unwrapped(body: Buffer): Buffer {
  const value = body[0] === 0x22 ? parseJson(body) : undefined
  return typeof value === 'string' ? Buffer.from(value) : body
}

/** Each gives the body as it is when there is nothing to change. */
const BYTE_STEPS: readonly (readonly [step: Step, change: (body: Buffer) => Buffer])[] = [
  ['bom-removed', (body) => (body.subarray(0, 3).equals(BOM) ? body.subarray(3) : body)],
  ['gunzipped', gunzipped],
  ['break-removed', asText((text) => text.replace(/\r?\n$/, ''))],
  ['break-added', asText((text) => (text.endsWith('\n') ? text : `${text}\n`))],
  ['trimmed', asText((text) => text.trim())],
  ['lf', asText((text) => text.replaceAll('\r\n', '\n'))],
  ['crlf', asText((text) => text.replaceAll(/\r?\n/g, '\r\n'))],
  ['utf8', (body) => Buffer.from(body.toString('utf8'), 'latin1')],
  ['unwrapped', unwrapped],
]

interface Rewriting extends JsonStyle {
  readonly order: KeyOrder | undefined
  readonly value: unknown
}

function ordersOf(value: unknown): readonly Pick<Rewriting, 'order' | 'value'>[] {
  const asSent = JSON.stringify(value)
  const orders = (['sorted', 'documented'] as const)
    .map((order) => ({ order, value: reordered(value, order) }))
    .filter((one) => JSON.stringify(one.value) !== asSent)
  return [{ order: undefined, value }, ...orders]
}

/** All ways in which the value may be written anew, those left out that make no difference for it. */
function rewritingsOf(value: unknown): readonly Rewriting[] {
  const compact = JSON.stringify(value)
  const both = ['literal', 'escaped'] as const
  const characters = isBeyondAscii(compact) ? both : both.slice(0, 1)
  const slashes = compact.includes('/') ? both : both.slice(0, 1)
  return ordersOf(value).flatMap((ordered) =>
    LAYOUTS.flatMap((layout) =>
      characters.flatMap((characters) =>
        slashes.map((slashes) => ({ ...ordered, layout, characters, slashes })),
      ),
    ),
  )
}

function stepsFrom(own: ReturnType<typeof styleOf>, to: Rewriting): readonly Step[] {
  const steps: (Step | undefined)[] = [
    own.layout === to.layout ? undefined : to.layout,
    to.order,
    own.characters === to.characters ? undefined : `${to.characters}-characters`,
    own.slashes === to.slashes ? undefined : `${to.slashes}-slashes`,
  ]
  return steps.filter((step) => step !== undefined)
}

function* rewrittenBodies(body: Buffer): Generator<Mutation> {
  if (body.length > MAX_REWRITTEN_BYTES) return
  const json = body
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trim()
  const value = parseJson(json)
  if (typeof value !== 'object' || value === null || !isShallow(value)) return
  const own = styleOf(json, value)
  const rewritings = rewritingsOf(value).map((to) => ({ to, steps: stepsFrom(own, to) }))
  for (const { to, steps } of rewritings.toSorted((one, other) => one.steps.length - other.steps.length)) {
    if (steps.length > 0) yield { steps, body: Buffer.from(writeJson(to.value, to)) }
  }
}

/** What may have been signed in place of this body if its bytes were changed without a look at their meaning. */
export function* changedBytes(body: Buffer): Generator<Mutation> {
  for (const [step, change] of BYTE_STEPS) {
    const changed = change(body)
    if (!changed.equals(body)) yield { steps: [step], body: changed }
  }
}

/**
 * What may have been signed in place of this body if something on the way changed it: at most 60 guesses, the
 * simplest first, each made when it is asked for.
 */
export function* mutationsOf(body: Buffer): Generator<Mutation> {
  yield* changedBytes(body)
  yield* rewrittenBodies(body)
}
