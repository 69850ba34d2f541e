import { createClient as createSseClient } from 'graphql-sse'
import { createClient as createWebsocketClient } from 'graphql-ws'
import { WebSocket } from 'ws'

/** Where and what to watch, after which event. */
export interface Wanted {
  readonly url: string
  readonly credential: string
  readonly orderId: string
  /** The seq of the last event that is known. */
  readonly after: number
  readonly signal: AbortSignal
}

/** Watches over one connection; resolves or rejects when that is over. */
export type Stream = (wanted: Wanted, take: (seq: number) => void) => Promise<void>

const EVENTS = 'subscription ($id: ID!, $after: Int) { orderEvents(id: $id, after: $after) { seq } }'
const POLL_SECONDS = 10
/** A long poll that is not answered by then never will be. */
const POLL_PATIENCE_MS = 30_000

/** GraphQL errors in place of an event, which may pass or not. */
export class Refusal extends Error {
  readonly errors: unknown

  constructor(errors: unknown) {
    super(JSON.stringify(errors))
    this.errors = errors
  }
}

interface Told {
  readonly orderEvents: { readonly seq: number }
}

interface Results {
  readonly data?: Told | null | undefined
  readonly errors?: unknown
}

function operationOf({ orderId, after }: Wanted) {
  return { query: EVENTS, variables: { id: orderId, after } }
}

async function takeAll(results: AsyncIterable<Results>, take: (seq: number) => void): Promise<void> {
  for await (const { data, errors } of results) {
    if (errors !== undefined) throw new Refusal(errors)
    if (data) take(data.orderEvents.seq)
  }
}

const overWebsocket: Stream = async (wanted, take) => {
  const client = createWebsocketClient({
    url: `${wanted.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${wanted.credential}` },
    retryAttempts: 0,
  })
  // It also says once more why a connection failed that was being made.
  const end = async (): Promise<void> => Promise.resolve(client.dispose()).catch(() => undefined)
  const stop = (): void => void end()
  wanted.signal.addEventListener('abort', stop)
  try {
    await takeAll(client.iterate<Told>(operationOf(wanted)), take)
  } finally {
    wanted.signal.removeEventListener('abort', stop)
    await end()
  }
}

const overSse: Stream = async (wanted, take) => {
  const client = createSseClient({
    url: `${wanted.url}/graphql/stream`,
    headers: { authorization: `Bearer ${wanted.credential}` },
    retryAttempts: 0,
  })
  wanted.signal.addEventListener('abort', client.dispose)
  try {
    await takeAll(client.iterate<Told>(operationOf(wanted)), take)
  } finally {
    wanted.signal.removeEventListener('abort', client.dispose)
    client.dispose()
  }
}

const overLongPoll: Stream = async ({ url, credential, orderId, after, signal }, take) => {
  const response = await fetch(`${url}/orders/${orderId}/events?after=${after}&wait=${POLL_SECONDS}`, {
    headers: { authorization: `Bearer ${credential}` },
    signal: AbortSignal.any([signal, AbortSignal.timeout(POLL_PATIENCE_MS)]),
  })
  const answer = (await response.json()) as readonly { readonly seq: number }[] | { readonly errors: unknown }
  if ('errors' in answer) throw new Refusal(answer.errors)
  for (const { seq } of answer) take(seq)
}

/** How the events of an order may come. */
export type TransportName = 'websocket' | 'sse' | 'long-poll'

/** Every transport, spoken by its own client library. None of them comes back by itself. */
export const TRANSPORTS: Readonly<Record<TransportName, Stream>> = {
  websocket: overWebsocket,
  sse: overSse,
  'long-poll': overLongPoll,
}
