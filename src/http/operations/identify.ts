import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { OperationLimits } from '../../operations/operation-limits.ts'
import { createTokenBuckets } from '../../operations/token-buckets.ts'
import type { GatewayContext } from '../../resolvers/context.ts'
import type { IdentifiedCaller } from './callers.ts'
import { tooManyRequests } from './refusals.ts'

/** Builds the context of a caller from an Authorization value. */
export type ContextFor = (authorization: unknown) => Promise<GatewayContext>

/**
 * Identifies the caller of a request by its Authorization.
 * @throws TOO_MANY_REQUESTS when the address has tried too many unknown keys and tokens
 */
export type Identify = (authorization: unknown, address: string) => Promise<IdentifiedCaller>

const MAX_KNOWN_TOKENS = 20_000

/** Tokens that are verified per second for addresses that have used up their guesses. Each takes some 0.1 ms. */
const VERIFICATIONS_PER_SECOND = 500

const ALL = 'all'

const BEARER = /^Bearer +(\S+) *$/i

/** A token, whose signature is as long as its secret and cannot be guessed. */
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/

/** Credentials that were found to be good in this process, by their hash: each is verified once. */
function createKnownCredentials() {
  // There are as many keys as are configured.
  const keys = new Map<string, GatewayContext>()
  const tokens = new LRUCache<string, GatewayContext>({ max: MAX_KNOWN_TOKENS })
  return {
    get(hash: string): GatewayContext | undefined {
      const context = keys.get(hash) ?? tokens.get(hash)
      const isExpired =
        context?.caller.kind === 'order-holder' && context.caller.expiresAt <= context.gateway.now()
      return isExpired ? undefined : context
    },
    add(hash: string, context: GatewayContext): void {
      if (context.caller.kind === 'order-holder') tokens.set(hash, context)
      else keys.set(hash, context)
    },
  }
}

/**
 * Bounds guesses. While an address has none left, a key that was not seen to be good in this process is refused without
 * being looked up, right or wrong. A token cannot be guessed, so a good one is accepted nevertheless: payers behind the
 * same proxy must not be locked out.
 */
export function identification(contextFor: ContextFor, limits: OperationLimits): Identify {
  const known = createKnownCredentials()
  const guesses = createTokenBuckets({
    capacity: limits.guessesSavedUp,
    perSecond: limits.guessesPerSecond,
  })
  const verifications = createTokenBuckets({
    capacity: VERIFICATIONS_PER_SECOND,
    perSecond: VERIFICATIONS_PER_SECOND,
    maxKeys: 1,
  })

  function refuse(address: string): never {
    const sentence = 'Too many unknown keys and tokens came from this address; try again later.'
    throw tooManyRequests(sentence, guesses.secondsUntil(address))
  }

  async function tryCredential(credential: string, address: string): Promise<GatewayContext> {
    const hasGuess = guesses.tryTake(address)
    if (!hasGuess && !(TOKEN.test(credential) && verifications.tryTake(ALL))) refuse(address)
    const context = await contextFor(`Bearer ${credential}`)
    const { caller } = context
    const isGuess = caller.kind === 'nobody' && caller.isGuess === true
    if (isGuess && !hasGuess) refuse(address)
    if (!isGuess && hasGuess) guesses.giveBack(address)
    return context
  }

  return async function identify(authorization, address) {
    const [, credential] = (typeof authorization === 'string' && BEARER.exec(authorization)) || []
    if (credential === undefined) return { context: await contextFor(authorization), address }
    const hash = createHash('sha256').update(credential).digest('base64')
    const found = known.get(hash)
    if (found !== undefined) return { context: found, address }
    const context = await tryCredential(credential, address)
    if (context.caller.kind !== 'nobody') known.add(hash, context)
    return { context, address }
  }
}
