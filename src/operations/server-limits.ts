import type { BodyBudget } from './read-body.ts'

/** What all clients together, and the clients of one address, may take of the listening server. */
export interface ServerLimits {
  /** Time in which a request must arrive completely, its body included, in milliseconds. */
  readonly requestMs: number
  /** Time for which a connection without a request is kept, in milliseconds. */
  readonly keepAliveMs: number
  /** Open connections of the process. */
  readonly connections: number
  /** Open connections of one address; behind trusted proxies, requests and streams that are under way. */
  readonly connectionsPerAddress: number
}

/** A page has a stream, and often a second connection for the other requests; some are just being opened or closed. */
const CONNECTIONS_FOR_EACH_STREAM = 2

/** The usual limits, for a process in which one address may have so many streams. */
export function serverLimits(streamsPerAddress: number): ServerLimits {
  return {
    requestMs: 15_000,
    // Longer than the idle time-out of the usual balancers (60 s): the side that sends the next request has to close.
    keepAliveMs: 75_000,
    connections: 60_000,
    connectionsPerAddress: CONNECTIONS_FOR_EACH_STREAM * streamsPerAddress,
  }
}

/** What unfinished bodies may take: of operations, and of notifications, whose share nothing else can use up. */
export interface BodyBudgets {
  readonly operations: BodyBudget
  readonly notifications: BodyBudget
}

const MEBIBYTE = 1024 * 1024

/**
 * A body mostly arrives with its head and takes nothing. One address may have about 200 unfinished bodies of the largest
 * size, or a thousand small ones: enough for all the customers of a merchant, or all merchants, behind one proxy.
 */
export const DEFAULT_BODY_BUDGETS: BodyBudgets = {
  operations: { bytes: 64 * MEBIBYTE, bytesPerAddress: 16 * MEBIBYTE },
  notifications: { bytes: 32 * MEBIBYTE, bytesPerAddress: 8 * MEBIBYTE },
}
