/** Bounds of GraphQL operations, the same over HTTP, server-sent events and WebSocket. They count for each process. */
export interface OperationLimits {
  /** Length of a document's text, in characters. */
  readonly textCharacters: number
  readonly tokens: number
  /** Levels of fields below the operation; introspection has a rule of its own. */
  readonly depth: number
  /** Fields of the operation itself, with repetitions and those in fragments. */
  readonly rootFields: number
  /** Cost of one operation: about the number of values that its answer can have. */
  readonly cost: number
  /** Cost that the access tokens of one order may cause per second, and how much of it they can save up. */
  readonly costPerSecond: number
  readonly costSavedUp: number
  /** The key of a merchant or an operator may cause so many times as much as the tokens of one order. */
  readonly keyFactor: number
  /** Mutations executing at once for the tokens of one order, and for one merchant or operator. */
  readonly mutationsPerToken: number
  readonly mutationsPerKey: number
  /** Root fields of queries, and of subscriptions that begin, that are read at once: likewise, and for all together. */
  readonly readsPerToken: number
  readonly readsPerKey: number
  readonly readsOfAll: number
  /** Lists and counts that are read at once for one merchant or operator, and for all of them together. */
  readonly listsPerKey: number
  readonly listsOfAll: number
  /** Operations that may wait until others have ended, for the tokens of one order, and for how long, in milliseconds. */
  readonly waitingPerToken: number
  readonly waitMs: number
  /**
   * Units that one address may use without a key: ten for a document that is not known yet, one for 16 384 characters of
   * an answer.
   */
  readonly anonymousUnitsPerSecond: number
  readonly anonymousUnitsSavedUp: number
  /** Time that all anonymous callers together may take of this process, in milliseconds per second. */
  readonly anonymousMsPerSecond: number
  readonly anonymousMsSavedUp: number
  /** Anonymous requests of one address that may wait to be read. */
  readonly anonymousWaiting: number
  /** Unknown keys and tokens that one address may try. */
  readonly guessesPerSecond: number
  readonly guessesSavedUp: number
  /** Keys that are looked up per second for an address that has no guesses left: right ones are accepted. */
  readonly lookUpsPerSecond: number
}

/**
 * A backend that creates 500 orders per second, each with a selection of 100 fields, causes about half of what a key may
 * cause, and has 100 mutations under way when the platform takes 200 ms. What a key saves up lets it subscribe to all the
 * orders that it may watch at once.
 */
export const DEFAULT_OPERATION_LIMITS: OperationLimits = {
  textCharacters: 16_384,
  tokens: 500,
  depth: 8,
  rootFields: 10,
  cost: 20_000,
  costPerSecond: 2000,
  costSavedUp: 20_000,
  keyFactor: 100,
  mutationsPerToken: 16,
  mutationsPerKey: 128,
  readsPerToken: 8,
  readsPerKey: 16,
  readsOfAll: 32,
  listsPerKey: 4,
  listsOfAll: 8,
  waitingPerToken: 200,
  waitMs: 10_000,
  anonymousUnitsPerSecond: 50,
  anonymousUnitsSavedUp: 500,
  anonymousMsPerSecond: 100,
  anonymousMsSavedUp: 1000,
  anonymousWaiting: 200,
  guessesPerSecond: 5,
  guessesSavedUp: 50,
  lookUpsPerSecond: 20,
}
