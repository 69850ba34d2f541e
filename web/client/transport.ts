/** What is to be streamed. */
export interface Wanted {
  /** Where the gateway is, without a trailing slash. */
  readonly base: string
  /** The whole header value, `Bearer …`. */
  readonly authorization: string
  readonly orderId: string
  /** The seq of the newest event that is known, as of now. */
  readonly after: () => number
}

/** What a transport tells. After `lost` or `refused`, or once it was closed, it is not listened to any more. */
export interface Sink {
  /** Anything at all was heard from the gateway; a transport that stays silent is given up. */
  alive(): void
  /** A GraphQL result of the subscription to the order's events, unchecked; or nothing but its `errors`. */
  result(result: unknown): void
  /** There are events, and nothing but their existence is known. Resolves with whether the order could be fetched. */
  news(): Promise<boolean>
  /** It is over, for a reason that may pass. */
  lost(): void
  /** The token is not (or no longer) good. */
  refused(): void
}

/**
 * Begins to stream; the returned function ends it. It may throw where the browser does not have what it takes.
 */
export type Transport = (wanted: Wanted, sink: Sink) => () => void

/** Parses what should be JSON; undefined when it is not. */
export function parseJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text))
  } catch {
    return undefined
  }
}
