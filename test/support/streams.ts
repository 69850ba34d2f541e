import { once } from 'node:events'
import { connect } from 'node:net'
import { createClient } from 'graphql-sse'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type { TestGateway } from './gateway.ts'
import type { Operation, Said } from './graphql.ts'

type Place = Pick<TestGateway, 'url'>

function authorization(credential: string | undefined): Readonly<Record<string, string>> {
  return credential === undefined ? {} : { authorization: `Bearer ${credential}` }
}

/** The order's events, as every transport can be asked for them. */
export const EVENTS =
  'subscription ($id: ID!, $after: Int) { orderEvents(id: $id, after: $after) { seq type } }'

/** A client for subscriptions over server-sent events, ended after the test. */
export function sseClient(
  { url }: Place,
  credential: string | undefined,
  options: { retryAttempts?: number } = {},
) {
  const client = createClient({
    url: `${url}/graphql/stream`,
    retryAttempts: 0,
    headers: authorization(credential),
    ...options,
  })
  onTestFinished(() => client.dispose())
  return client
}

/** Asks for a stream of server-sent events in so many words. */
// oxlint-disable-next-line max-params -- who asks whom for what is what every test says; the header is for a few
export function openSse(
  { url }: Place,
  credential: string | undefined,
  operation: object,
  accept = 'text/event-stream',
): Promise<Response> {
  return fetch(`${url}/graphql/stream`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept,
      ...authorization(credential),
    },
    body: JSON.stringify(operation),
  })
}

function openBare({ url }: Place, credential: string, body: string) {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  onTestFinished(() => void socket.destroy())
  const closed = new Promise((resolve) => socket.once('close', resolve))
  const head = [
    'POST /graphql/stream HTTP/1.1',
    `host: ${hostname}`,
    'content-type: application/json',
    'accept: text/event-stream',
    `authorization: Bearer ${credential}`,
    `content-length: ${Buffer.byteLength(body)}`,
  ]
  socket.on('error', () => undefined).write(`${head.join('\r\n')}\r\n\r\n`)
  return { socket, closed }
}

/** Asks for a server-sent stream over a bare connection, whose reading is up to the test. */
export async function deafReader(place: Place, credential: string, operation: object) {
  const body = JSON.stringify(operation)
  const { socket, closed } = openBare(place, credential, body)
  socket.write(body)
  return { socket, closed }
}

/** Begins to ask for a server-sent stream, and asks for the operation itself when the test says so. */
export async function slowWriter(place: Place, credential: string, operation: object) {
  const body = JSON.stringify(operation)
  const { socket, closed } = openBare(place, credential, body)
  return { socket, closed, sendRest: () => void socket.write(body) }
}

/** The first result of a server-sent stream, which is then left; null when it ends without one. */
export async function firstResult({ body }: Response): Promise<unknown> {
  let text = ''
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk
    const [, data] = /data: (\{.*\})\n/.exec(text) ?? []
    if (data !== undefined) return JSON.parse(data)
  }
  return null
}

/** Sends one operation over server-sent events, and gives the first that is said. */
export async function graphqlOverSse<T = Record<string, unknown>>(
  url: string,
  credential: string | undefined,
  operation: Operation,
): Promise<Said<T>> {
  const result = (await firstResult(await openSse({ url }, credential, operation))) as Partial<Said<T>> | null
  return { data: result?.data, errors: result?.errors ?? [] }
}

/** Asks for an order's events with a long poll; `path` is what follows `/orders/`. */
export function longPoll({ url }: Place, credential: string | undefined, path: string): Promise<Response> {
  return fetch(`${url}/orders/${path}`, { headers: authorization(credential) })
}

/** One message of the protocol `graphql-transport-ws`. */
export interface Message {
  readonly type: string
  readonly id?: string
  readonly payload?: unknown
}

/** A WebSocket on which the test says every message itself. */
export interface RawSocket {
  readonly socket: WebSocket
  /** Everything that was said, oldest first. */
  readonly heard: readonly Message[]
  say(message: object): void
  subscribe(id: string, query: string, variables?: object): void
  /** Resolves with the close code and the reason. */
  readonly closed: Promise<readonly [code: number, reason: string]>
}

/** Opens a WebSocket and waits until the gateway has acknowledged the credential. It is ended after the test. */
export async function rawSocket({ url }: Place, credential: string | undefined): Promise<RawSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  onTestFinished(() => socket.terminate())
  const heard: Message[] = []
  const say = (message: object): void => socket.send(JSON.stringify(message))
  const closed = new Promise<readonly [number, string]>((resolve, reject) => {
    socket.once('close', (code, reason) => resolve([code, String(reason)]))
    socket.once('error', reject)
  })
  socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString()) as Message))
  await Promise.race([once(socket, 'open'), closed])
  say({ type: 'connection_init', payload: authorization(credential) })
  await Promise.race([once(socket, 'message'), closed])
  return {
    socket,
    heard,
    say,
    closed,
    subscribe: (id, query, variables = {}) => say({ type: 'subscribe', id, payload: { query, variables } }),
  }
}
