import { createServer } from 'node:http'
import { buildSchema, GraphQLError } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { type Connection, watch, type WatchOptions } from './watch.ts'

const SCHEMA = buildSchema('type Query { ok: Boolean } type Subscription { count: Int! }')

test('each change arrives, beginning with the snapshot', async () => {
  const gateway = await createGateway()
  const page = watchCount(gateway.url)
  await vi.waitFor(() => expect(page.seen).toEqual([1]))
  gateway.set(2)
  await vi.waitFor(() => expect(page.seen).toEqual([1, 2]))
  expect(page.connections).toEqual(['online'])
})

test('after a lost connection it is online again, with a new snapshot', async () => {
  const gateway = await createGateway()
  const page = watchCount(gateway.url)
  await vi.waitFor(() => expect(page.seen).toEqual([1]))
  gateway.dropAll()
  gateway.set(7)
  await vi.waitFor(() => expect(page.seen.at(-1)).toBe(7), 5_000)
  expect(page.connections).toEqual(['online', 'reconnecting', 'online'])
})

test('a gateway that says goodbye politely is asked again', async () => {
  const gateway = await createGateway({ completesAfter: 1 })
  const page = watchCount(gateway.url)
  await vi.waitFor(() => expect(page.seen.length).toBeGreaterThan(1), 5_000)
})

test('refresh makes a new connection without waiting', async () => {
  const gateway = await createGateway()
  const page = watchCount(gateway.url)
  await vi.waitFor(() => expect(page.seen).toEqual([1]))
  page.watch.refresh()
  await vi.waitFor(() => expect(page.seen).toEqual([1, 1]), 200)
  expect(gateway.connectionCount()).toBe(2)
})

test('a refused token ends the watch', async () => {
  const gateway = await createGateway({ refusal: 'UNAUTHENTICATED' })
  const page = watchCount(gateway.url)
  await vi.waitFor(() => expect(page.refusals()).toBe(1))
  await vi.waitFor(() => expect(gateway.openSockets()).toBe(0))
  expect(page.seen).toEqual([])
})

test('a gateway that refuses the connection itself ends the watch', async () => {
  const gateway = await createGateway({ refusal: 'CONNECTION' })
  const page = watchCount(gateway.url)
  await vi.waitFor(() => expect(page.refusals()).toBe(1))
  expect(gateway.connectionCount()).toBe(1)
})

test('the token goes with the connection', async () => {
  const gateway = await createGateway()
  watchCount(gateway.url)
  await vi.waitFor(() => expect(gateway.lastParameters()).toEqual({ authorization: 'Bearer t' }))
})

test('a socket that never answers is given up and replaced', async () => {
  const silent = await createSilentServer()
  watchCount(silent.url, { timeoutMs: 50 })
  await vi.waitFor(() => expect(silent.connectionCount()).toBeGreaterThan(1), 5_000)
})

test('stop closes the connection and says nothing more', async () => {
  const gateway = await createGateway()
  const page = watchCount(gateway.url)
  await vi.waitFor(() => expect(page.seen).toEqual([1]))
  page.watch.stop()
  await vi.waitFor(() => expect(gateway.openSockets()).toBe(0))
  expect(page.connections).toEqual(['online'])
  expect(page.refusals()).toBe(0)
})

function watchCount(url: string, { timeoutMs = 5_000 } = {}) {
  const seen: unknown[] = []
  const connections: Connection[] = []
  const onRefused = vi.fn<() => void>()
  const options: WatchOptions = {
    endpoint: { url, authorization: 'Bearer t', timeoutMs },
    query: 'subscription { count }',
    onData: (data) => seen.push(Reflect.get(Object(data), 'count')),
    onConnection: (connection) => connections.push(connection),
    onRefused,
    webSocketImpl: WebSocket,
  }
  const running = watch(options)
  onTestFinished(() => running.stop())
  return { watch: running, seen, connections, refusals: () => onRefused.mock.calls.length }
}

interface GatewayOptions {
  readonly refusal?: 'UNAUTHENTICATED' | 'CONNECTION'
  /** Ends each subscription after so many values. */
  readonly completesAfter?: number
}

async function createGateway({ refusal, completesAfter = Infinity }: GatewayOptions = {}) {
  const { sockets, url } = await createSocketServer()
  const counter = new EventTarget()
  let count = 1
  let connectionCount = 0
  let parameters: unknown = null
  useServer(
    {
      schema: SCHEMA,
      onConnect(context) {
        connectionCount += 1
        parameters = context.connectionParams
        return refusal !== 'CONNECTION'
      },
      roots: {
        subscription: {
          count() {
            if (refusal === 'UNAUTHENTICATED') throw refused()
            return counts(counter, () => count, completesAfter)
          },
        },
      },
    },
    sockets,
  )
  return {
    url,
    connectionCount: () => connectionCount,
    openSockets: () => sockets.clients.size,
    lastParameters: () => parameters,
    dropAll: () => sockets.clients.forEach((socket) => socket.terminate()),
    set(value: number) {
      count = value
      counter.dispatchEvent(new Event('change'))
    },
  }
}

async function* counts(counter: EventTarget, read: () => number, limit: number) {
  for (let sent = 0; sent < limit; sent += 1) {
    const changed = new Promise((resolve) => {
      counter.addEventListener('change', resolve, { once: true })
    })
    yield { count: read() }
    if (sent + 1 < limit) await changed
  }
}

function refused(): GraphQLError {
  return new GraphQLError('No.', { extensions: { code: 'UNAUTHENTICATED' } })
}

async function createSilentServer() {
  const { sockets, url } = await createSocketServer()
  let connectionCount = 0
  sockets.on('connection', () => {
    connectionCount += 1
  })
  return { url, connectionCount: () => connectionCount }
}

async function createSocketServer() {
  const server = createServer()
  const sockets = new WebSocketServer({ server, handleProtocols: () => 'graphql-transport-ws' })
  onTestFinished(() => {
    sockets.clients.forEach((socket) => socket.terminate())
    sockets.close()
    server.close()
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { sockets, url: `ws://127.0.0.1:${port}` }
}
