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

/** Tokens that are verified per second, for all addresses together. A forged one takes some 10 µs. */
const VERIFICATIONS_PER_SECOND = 20_000

const ALL = 'all'

const BEARER = /^Bearer +(\S+) *$/i

/** The form of a token, whose signature has 256 bits and cannot be guessed. */
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
 * Bounds guesses. What is good in the end is no guess: a good token is always accepted, so that payers behind the same proxy
 * do not lock each other out. While an address has no guesses left, a good key is accepted as long as the address has
 * look-ups left, which everything that is wrong uses up as well; then right and wrong keys are refused alike. So the keys
 * that can be tried from one address are `guessesPerSecond` and `lookUpsPerSecond` together. Keys have 256 bits: that is far
 * from enough to find one, and lets the backend of a merchant in that comes for the first time while a stranger behind the
 * same proxy guesses.
 */
export function identification(contextFor: ContextFor, limits: OperationLimits): Identify {
  const known = createKnownCredentials()
  const guesses = createTokenBuckets({
    capacity: limits.guessesSavedUp,
    perSecond: limits.guessesPerSecond,
  })
  const lookUps = createTokenBuckets({
    capacity: limits.lookUpsPerSecond,
    perSecond: limits.lookUpsPerSecond,
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

  /** Takes a guess only for what is wrong: what is right must not use them up while it is verified. */
  function mayLearn(kind: 'right key' | 'wrong', address: string): boolean {
    const hasGuess = kind === 'wrong' ? guesses.tryTake(address) : guesses.tryTake(address, 0, 1)
    return hasGuess || (lookUps.tryTake(address) && kind === 'right key')
  }

  async function tryCredential(credential: string, address: string): Promise<GatewayContext> {
    if (TOKEN.test(credential) && !verifications.tryTake(ALL)) {
      throw tooManyRequests('Too many tokens are being verified; try again later.', 1)
    }
    const context = await contextFor(`Bearer ${credential}`)
    const { caller } = context
    if (caller.kind === 'order-holder' || (caller.kind === 'nobody' && caller.isGuess !== true))
      return context
    if (!mayLearn(caller.kind === 'nobody' ? 'wrong' : 'right key', address)) refuse(address)
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
