import type { GraphQLError } from 'graphql'
import type { OperationLimits } from '../../operations/operation-limits.ts'
import { createTokenBuckets } from '../../operations/token-buckets.ts'
import type { Holder } from './callers.ts'
import { tooManyRequests } from './refusals.ts'

/** What known callers may use up. */
export interface CallerAllowance {
  /** Takes the cost of an operation; the refusal when it is not there. */
  spend(holder: Holder, cost: number): GraphQLError | undefined
}

/** What anonymous callers may use up: each address for itself, and all of them together. */
export interface AnonymousAllowance {
  /** Takes what it takes to read a document that is not known yet; the refusal when it is not there. */
  spendOnDocument(address: string): GraphQLError | undefined
  /** Takes what an answer of so many characters takes; the refusal when it is not there. */
  spendOnAnswer(address: string, characters: number): GraphQLError | undefined
  /** Does work, and counts the time that it took. */
  timed<T>(work: () => T): T
}

const DOCUMENT_UNITS = 10
const CHARACTERS_PER_UNIT = 16_384

/** About what it takes to write an answer, in milliseconds. */
const MS_PER_CHARACTER = 1 / 200_000

/** Longer than it takes to read any document, in milliseconds: more was the time of another process. */
const MAX_COUNTED_MS = 100

const ALL = 'all'

/** Full allowances, one for each holder. */
export function createCallerAllowance(limits: OperationLimits): CallerAllowance {
  const { keyFactor, costSavedUp, costPerSecond } = limits
  const ofTokens = createTokenBuckets({ capacity: costSavedUp, perSecond: costPerSecond })
  const ofKeys = createTokenBuckets({
    capacity: keyFactor * costSavedUp,
    perSecond: keyFactor * costPerSecond,
  })
  return {
    spend({ holder, isKey }, cost) {
      const buckets = isKey ? ofKeys : ofTokens
      if (buckets.tryTake(holder, cost)) return undefined
      const sentence = `The operation costs ${cost}, and this caller has used up what it may; try again later.`
      return tooManyRequests(sentence, buckets.secondsUntil(holder, cost))
    },
  }
}

/** Full allowances, one for each address and one for all. */
export function createAnonymousAllowance(limits: OperationLimits): AnonymousAllowance {
  const { anonymousUnitsSavedUp: capacity, anonymousUnitsPerSecond: perSecond } = limits
  const units = createTokenBuckets({ capacity, perSecond })
  const time = createTokenBuckets({
    capacity: limits.anonymousMsSavedUp,
    perSecond: limits.anonymousMsPerSecond,
    maxKeys: 1,
  })

  function spend(address: string, amount: number): GraphQLError | undefined {
    const sentence = 'Without a key, only so many operations are served; send a key, or try again later.'
    if (!time.tryTake(ALL, 0)) return tooManyRequests(sentence, time.secondsUntil(ALL))
    if (units.tryTake(address, amount)) return undefined
    return tooManyRequests(sentence, units.secondsUntil(address, amount))
  }

  return {
    spendOnDocument: (address) => spend(address, DOCUMENT_UNITS),
    spendOnAnswer(address, characters) {
      const refusal = spend(address, characters / CHARACTERS_PER_UNIT)
      if (refusal === undefined) time.take(ALL, characters * MS_PER_CHARACTER)
      return refusal
    },
    timed(work) {
      const startedAt = performance.now()
      try {
        return work()
      } finally {
        time.take(ALL, Math.min(MAX_COUNTED_MS, performance.now() - startedAt))
      }
    },
  }
}
