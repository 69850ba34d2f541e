import { createClient, type Client } from 'graphql-ws'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'

/** A GraphQL operation. */
export interface Operation {
  readonly query: string
  readonly variables?: object
}

/** What the GraphQL API says, whichever way; `data` is whatever the operation asked for. */
export interface Said<T> {
  readonly data: T | null | undefined
  readonly errors: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[]
}

/** An answer of the GraphQL API over HTTP. */
export interface Answer<T> extends Said<T> {
  readonly status: number
}

/** Sends one operation over HTTP. */
export async function graphql<T = Record<string, unknown>>(
  url: string,
  credential: string | undefined,
  operation: Operation,
): Promise<Answer<T>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
    },
    body: JSON.stringify(operation),
  })
  const { data, errors = [] } = (await response.json()) as Partial<Answer<T>>
  return { status: response.status, data, errors }
}

/** A WebSocket client for subscriptions, closed after the test. */
export function subscriber(
  url: string,
  credential: string | undefined,
  name: 'authorization' | 'Authorization' = 'authorization',
): Client {
  const client = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: credential === undefined ? {} : { [name]: `Bearer ${credential}` },
  })
  onTestFinished(() => client.dispose())
  return client
}

/** Sends one operation over a WebSocket of its own, and gives the first that is said. */
export async function graphqlOverWebsocket<T = Record<string, unknown>>(
  url: string,
  credential: string | undefined,
  operation: Operation,
): Promise<Said<T>> {
  const { query, variables } = operation
  const request = { query, ...(variables && { variables: { ...variables } }) }
  const said = subscriber(url, credential).iterate<T>(request)
  const { value } = (await said.next()) as { readonly value: Partial<Said<T>> | undefined }
  await said.return?.()
  return { data: value?.data, errors: value?.errors ?? [] }
}
