import { type Client, createClient } from 'graphql-ws'
import { type Backoff, createBackoff } from './backoff.ts'
import { errorsOf, property } from './graphql.ts'
import type { Endpoint, Operation } from './graphql.ts'

/** `offline` is what the phone says of itself; `reconnecting` means that the gateway is not answering. */
export type Connection = 'online' | 'offline' | 'reconnecting'

/** What to watch, and whom to tell. */
export interface WatchOptions extends Operation {
  /** `url` begins with `ws:` or `wss:`. `timeoutMs` is how long a silent socket is believed in. */
  readonly endpoint: Endpoint
  /** Takes each result's unchecked `data`. The newest one is the truth: after a gap there is a new snapshot, not a replay. */
  readonly onData: (data: unknown) => void
  /** Called at each change, never twice with the same value in a row. */
  readonly onConnection?: (connection: Connection) => void
  /** The token is not (or no longer) good. The watch has stopped by itself. */
  readonly onRefused?: () => void
  /** For runtimes without a global `WebSocket`. */
  readonly webSocketImpl?: unknown
}

/** A running watch. */
export interface Watch {
  /** Drops a connection that may have died unnoticed (a phone in a pocket) and makes a new one at once. */
  refresh(): void
  /** Ends it for good and closes the connection. */
  stop(): void
}

const REFUSALS = new Set(['UNAUTHENTICATED', 'FORBIDDEN'])
const CLOSE_CODES_OF_REFUSAL = new Set([4401, 4403])
const PING_EVERY_MS = 12_000

/**
 * Watches a GraphQL subscription over `graphql-transport-ws` for as long as it takes: it reconnects and resubscribes
 * forever, until `stop()` or until the token is refused. Suited to subscriptions that begin with a snapshot.
 */
export function watch(options: WatchOptions): Watch {
  const backoff = createBackoff()
  const tell = changesOnly((connection) => {
    if (!isStopped) options.onConnection?.(connection)
  })
  const client = connect(options, { backoff, tell })
  let isStopped = false
  let failures = 0
  let unsubscribe = subscribe()

  function subscribe(): () => void {
    return client.subscribe<unknown>(
      { query: options.query, variables: options.variables ?? null },
      { next: receive, error: (problem) => (isRefusal(problem) ? refused() : resume()), complete: resume },
    )
  }

  function receive(result: unknown): void {
    if (isStopped) return
    failures = 0
    const data = property(result, 'data')
    if (data !== undefined && data !== null) options.onData(data)
    if (errorsOf(result).some(({ code }) => REFUSALS.has(code))) refused()
  }

  /** An end that nobody here asked for: the gateway is being replaced, or the subscription has run its time. */
  function resume(): void {
    if (isStopped) return
    failures += 1
    void subscribeAfter(backoff.wait(failures))
  }

  async function subscribeAfter(pause: Promise<void>): Promise<void> {
    await pause
    if (!isStopped) unsubscribe = subscribe()
  }

  function refused(): void {
    if (isStopped) return
    stop()
    options.onRefused?.()
  }

  function stop(): void {
    isStopped = true
    unsubscribe()
    backoff.wake()
    void dispose(client)
  }

  return {
    stop,
    refresh() {
      backoff.wake(true)
      client.terminate()
    },
  }
}

interface Circumstances {
  readonly backoff: Backoff
  readonly tell: (connection: Connection) => void
}

function connect({ endpoint, webSocketImpl }: WatchOptions, { backoff, tell }: Circumstances): Client {
  const patience = createPatience(endpoint.timeoutMs ?? 10_000, () => client.terminate())
  const client = createClient({
    url: endpoint.url,
    connectionParams: { authorization: endpoint.authorization },
    webSocketImpl,
    keepAlive: PING_EVERY_MS,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (retries) => backoff.wait(retries),
    shouldRetry: (problem) => !isRefusal(problem),
    on: {
      connecting: patience.begin,
      connected: () => {
        patience.end()
        tell('online')
      },
      ping: (isReceived) => isReceived || patience.begin(),
      pong: (isReceived) => isReceived && patience.end(),
      closed: () => {
        patience.end()
        tell(isPhoneOffline() ? 'offline' : 'reconnecting')
      },
    },
  })
  return client
}

/** Closes the socket even when its last subscription ended from both sides at once, which the client alone forgets. */
async function dispose(client: Client): Promise<void> {
  try {
    await client.dispose()
  } catch {
    // It was still trying to connect, and stopped trying.
  }
}

/** A mobile network can swallow packets without closing anything, so silence has to be noticed here. */
function createPatience(limitMs: number, onLost: () => void): { begin: () => void; end: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined
  const end = () => clearTimeout(timer)
  return {
    end,
    begin: () => {
      end()
      timer = setTimeout(onLost, limitMs)
    },
  }
}

function changesOnly(listener: (connection: Connection) => void): (connection: Connection) => void {
  let last: Connection | null = null
  return (connection) => {
    if (connection === last) return
    last = connection
    listener(connection)
  }
}

/** Refused for who we are: as a list of GraphQL errors, or as the closing of the socket. */
function isRefusal(problem: unknown): boolean {
  const closeCode = property(problem, 'code')
  if (typeof closeCode === 'number') return CLOSE_CODES_OF_REFUSAL.has(closeCode)
  return errorsOf({ errors: problem }).some(({ code }) => REFUSALS.has(code))
}

function isPhoneOffline(): boolean {
  return typeof navigator === 'object' && !navigator.onLine
}
