import { once } from 'node:events'
import type { Client } from 'graphql-ws'
import { onTestFinished } from 'vitest'
import { WebSocket, type ClientOptions } from 'ws'
import type { TestGateway } from './gateway.ts'
import { subscriber } from './graphql.ts'
import type { OrderView } from './orders.ts'

/** The subscriptions to one order. */
export type Watching = 'orderPaid' | 'orderUpdated'

type Seen = Pick<OrderView, 'id' | 'seq' | 'status'>

/** Watches an order over a connection that may carry more than this. */
export function watchWith(client: Client, what: Watching, id: string) {
  return client.iterate<Record<Watching, Seen>>({
    query: `subscription ($id: ID!) { ${what}(id: $id) { id seq status } }`,
    variables: { id },
  })
}

/** Watches an order over a connection of its own. */
export function watch(
  { url }: TestGateway,
  credential: string,
  { what, id }: { readonly what: Watching; readonly id: string },
) {
  return watchWith(subscriber(url, credential), what, id)
}

/** What a watcher gets when it is told this of the order. */
export function seen(what: Watching, order: Seen) {
  return { done: false, value: { data: { [what]: order } } }
}

/** What a watcher gets after the last. */
export const END = { done: true, value: undefined }

/** A WebSocket on which nothing has been said yet; ended after the test. */
export async function openSocket({ url }: TestGateway, options: ClientOptions = {}): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', options)
  onTestFinished(() => socket.terminate())
  await once(socket, 'open')
  return socket
}
