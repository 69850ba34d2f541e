/** What a stream, and everybody who opens streams, may take. Whatever is above a bound is refused with its sentence. */
export interface StreamLimits {
  /** Open streams (WebSockets, server-sent streams, waiting long polls) from one address. */
  readonly connectionsPerAddress: number
  /** Open streams of one order access token. */
  readonly connectionsPerToken: number
  /** Operations under way of one order access token, over all its streams. */
  readonly subscriptionsPerToken: number
  /** The key of a merchant or an operator, who watch many orders, may hold so many times as much as a token. */
  readonly keyFactor: number
  /** Operations under way on one WebSocket. */
  readonly subscriptionsPerSocket: number
  /** Size of one message from a client, in bytes. Operations are small; what is larger is not one. */
  readonly messageBytes: number
  /** What may wait for a client that does not read, in bytes. */
  readonly bufferedBytes: number
  /** Time in which a server-sent stream must take what was written, in milliseconds. */
  readonly stallMs: number
  /** Time from the opening of a WebSocket to its `connection_init`, in milliseconds. */
  readonly initMs: number
  /** Time that a WebSocket may be open without an operation, in milliseconds. */
  readonly idleMs: number
  /** Pause between two pings of a WebSocket, in milliseconds; who has not answered one by the next is gone. */
  readonly heartbeatMs: number
}

/** Thousands of phones may share the address of a carrier or a balancer; one payer has few pages open. */
export const DEFAULT_STREAM_LIMITS: StreamLimits = {
  connectionsPerAddress: 10_000,
  connectionsPerToken: 50,
  subscriptionsPerToken: 200,
  keyFactor: 100,
  subscriptionsPerSocket: 20,
  messageBytes: 64 * 1024,
  bufferedBytes: 1024 * 1024,
  stallMs: 30_000,
  initMs: 5000,
  idleMs: 5 * 60_000,
  heartbeatMs: 12_000,
}
