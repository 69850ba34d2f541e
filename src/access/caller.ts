import { createHash } from 'node:crypto'
import type { OrderGrant, OrderTokens } from './order-token.ts'

/** Who is calling, as far as the Authorization says. */
export type Caller =
  | {
      readonly kind: 'nobody'
      readonly why: string
      /** A key or token of the right form that is not known: it may be one of many guesses. */
      readonly isGuess?: boolean
    }
  | { readonly kind: 'merchant'; readonly merchantId: string }
  | { readonly kind: 'operator'; readonly name: string }
  | ({ readonly kind: 'order-holder' } & OrderGrant)

/** Names of keys, by the SHA-256 (hex) of the key. */
export interface KeyOwners {
  readonly merchants: readonly {
    readonly id: string
    readonly apiKeys: readonly { readonly sha256: string }[]
  }[]
  readonly operators: readonly { readonly name: string; readonly sha256: string }[]
}

/** Tells who calls, from an Authorization value (`Bearer <key or token>`). */
export type IdentifyCaller = (authorization: unknown) => Promise<Caller>

const BEARER = /^Bearer +(\S+) *$/i

function callerOf(found: Caller | OrderGrant | 'expired' | 'unknown'): Caller {
  if (found === 'expired') return { kind: 'nobody', why: 'The access token has expired.' }
  if (found === 'unknown')
    return { kind: 'nobody', why: 'The key or token is not known here.', isGuess: true }
  return 'kind' in found ? found : { kind: 'order-holder', ...found }
}

/**
 * Builds the one function that every door asks who is calling. Keys are compared by their SHA-256, so neither a dump
 * of the configuration nor the time of a comparison tells anything about a key.
 */
export function callerIdentification(
  { merchants, operators }: KeyOwners,
  tokens: OrderTokens,
): IdentifyCaller {
  const owners = new Map<string, Caller>([
    ...operators.map(({ name, sha256 }) => [sha256, { kind: 'operator', name }] as const),
    ...merchants.flatMap(({ id, apiKeys }) =>
      apiKeys.map(({ sha256 }) => [sha256, { kind: 'merchant', merchantId: id }] as const),
    ),
  ])

  return async function identifyCaller(authorization) {
    if (authorization === undefined || authorization === null || authorization === '') {
      return { kind: 'nobody', why: 'The request has no Authorization.' }
    }
    const [, credential] = (typeof authorization === 'string' ? BEARER.exec(authorization) : null) ?? []
    if (credential === undefined) {
      return { kind: 'nobody', why: 'The Authorization is not of the form "Bearer <key or token>".' }
    }
    const owner = owners.get(createHash('sha256').update(credential).digest('hex'))
    // Awaited in any case: a right key must not overtake the wrong ones that were sent before it, and are counted.
    return callerOf(await (owner ?? tokens.read(credential)))
  }
}
