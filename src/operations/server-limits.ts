import type { BodyBudget } from './read-body.ts'

/** Limits of the listening server. */
export interface ServerLimits {
  /** Time in which a request must arrive completely, its body included, in milliseconds. */
  readonly requestMs: number
  /** Time for which a connection without a request is kept, in milliseconds. */
  readonly keepAliveMs: number
  /** Open connections of the process. */
  readonly connections: number
  /** Open connections of one address; behind trusted proxies, its open requests and streams. */
  readonly connectionsPerAddress: number
}

/** A page has a stream, and often a second connection for other requests. */
const CONNECTIONS_FOR_EACH_STREAM = 2

/** The default limits, for this many streams of one address. */
export function serverLimits(streamsPerAddress: number): ServerLimits {
  return {
    requestMs: 15_000,
    // Longer than the idle time-out of the usual balancers (60 s): the client side must be the one that closes.
    keepAliveMs: 75_000,
    connections: 60_000,
    connectionsPerAddress: CONNECTIONS_FOR_EACH_STREAM * streamsPerAddress,
  }
}

/** Budgets of unfinished bodies. Operations cannot use up the one of notifications. */
export interface BodyBudgets {
  readonly operations: BodyBudget
  readonly notifications: BodyBudget
}

const MEBIBYTE = 1024 * 1024

/**
 * Most bodies arrive with their head and reserve nothing. One address may have about 200 unfinished bodies of the largest
 * size, or 1000 small ones: enough for all payers or merchants behind one proxy.
 */
export const DEFAULT_BODY_BUDGETS: BodyBudgets = {
  operations: { bytes: 64 * MEBIBYTE, bytesPerAddress: 16 * MEBIBYTE },
  notifications: { bytes: 32 * MEBIBYTE, bytesPerAddress: 8 * MEBIBYTE },
}
