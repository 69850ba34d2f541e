import { EventEmitter, once } from 'node:events'
import { expect, test } from 'vitest'
import { createHub } from '../../src/live/hub.ts'
import { bareConnection, requestHead } from '../support/bare-connection.ts'
import { databaseAt, freshDatabaseUri } from '../support/database.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { paidNotice } from '../support/notification.ts'
import { createdOrder, payableOrder, readOrder } from '../support/orders.ts'
import { EVENTS } from '../support/streams.ts'

/** Sends a request and half-closes; resolves with everything received until the gateway closes. */
async function halfClosed({ url }: TestGateway, head: string, body = ''): Promise<string> {
  const { socket, received, closed } = await bareConnection(url)
  socket.end(head + body)
  await closed
  return received()
}

function post(path: string, body: string, headers: object = {}): readonly [head: string, body: string] {
  const length = Buffer.byteLength(body)
  const all = { 'content-type': 'application/json', 'content-length': length, ...headers }
  return [requestHead(`POST ${path}`, all), body]
}

test('a client that half-closes after an operation reads the whole answer', async () => {
  const gateway = await openGateway()
  const { order } = await payableOrder(gateway)
  const authorization = `Bearer ${gateway.merchant.apiKey}`
  const body = JSON.stringify({ query: `{ order(id: "${order.id}") { outTradeNo } }` })
  // An operation that does not begin soon after the client's end is not executed, and its answer says so.
  await expect
    .poll(() => halfClosed(gateway, ...post('/graphql', body, { authorization })))
    .toMatch(new RegExp(`^HTTP/1\\.1 200 [^]*${order.outTradeNo}`))
})

/** A gateway that reads one order at a time for a token, whose first read lasts until the gate opens. */
async function gatedGateway() {
  const databaseUri = freshDatabaseUri()
  const database = await databaseAt(databaseUri)
  const gate = new EventEmitter()
  const opened = once(gate, 'open')
  const reads: string[] = []
  const byId: typeof database.orders.byId = async (id) => {
    reads.push(id)
    if (reads.length === 1) await opened
    return database.orders.byId(id)
  }
  const orders = Object.create(database.orders, { byId: { value: byId } }) as typeof database.orders
  const changes = { databaseUri, database: { ...database, orders }, operationLimits: { readsPerToken: 1 } }
  return { gateway: await openGateway(changes), gate, reads }
}

test.each(['/graphql', '/graphql/stream'])(
  'over %s an operation is not executed whose client half-closed long ago while it waited; one that executes is answered',
  async (path) => {
    const { gateway, gate, reads } = await gatedGateway()
    const { accessToken } = await createdOrder(gateway)
    const other = await createdOrder(gateway)
    reads.length = 0
    const authorization = `Bearer ${accessToken}`
    const ask = (at: string) =>
      halfClosed(gateway, ...post(at, JSON.stringify({ query: '{ order { id } }' }), { authorization }))
    const executing = ask('/graphql')
    await expect.poll(() => reads).toHaveLength(1)
    const waiting = ask(path)
    // A stream ends as long after its client has half-closed as an operation may wait.
    const poll = requestHead(`GET /orders/${other.order.id}/events?after=1&wait=60`, {
      authorization: `Bearer ${other.accessToken}`,
    })
    expect(await halfClosed(gateway, poll)).toMatch(/^HTTP\/1\.1 200 /)
    const before = reads.length
    gate.emit('open')
    expect(await executing).toMatch(/^HTTP\/1\.1 200 [^]*"id"/)
    expect(await waiting).toMatch(/^HTTP\/1\.1 429 [^]*The client is not connected any more/)
    expect(reads).toHaveLength(before)
  },
)

test('a notification whose sender half-closes is acknowledged', async () => {
  const gateway = await openGateway()
  const { order } = await payableOrder(gateway)
  const { headers, body } = paidNotice(gateway, order)
  const sent = post('/notify/wechatpay/v3/acme', body, Object.fromEntries(headers))
  expect(await halfClosed(gateway, ...sent)).toMatch(/^HTTP\/1\.1 204 /)
  expect(await readOrder(gateway, order.id)).toMatchObject({ status: 'PAID' })
})

test('a body that ends early is refused', async () => {
  const gateway = await openGateway()
  const [head] = post('/graphql', '{ "query": "{ __typename }" }')
  expect(await halfClosed(gateway, head, '{')).toMatch(/^HTTP\/1\.1 400 /)
})

test('a long poll whose client half-closes returns the recorded events and releases its listener', async () => {
  const hub = createHub()
  const gateway = await openGateway({ hub })
  const { order, accessToken } = await payableOrder(gateway)
  const poll = (after: number) =>
    halfClosed(
      gateway,
      requestHead(`GET /orders/${order.id}/events?after=${after}&wait=60`, {
        authorization: `Bearer ${accessToken}`,
      }),
    )
  await expect.poll(() => poll(0)).toMatch(/^HTTP\/1\.1 200 [^]*"seq":1[^]*"seq":2/)
  expect(await poll(2)).toMatch(/^HTTP\/1\.1 200 [^]*\r\n\r\n\[\]$/)
  await expect.poll(() => hub.size).toBe(0)
})

test('a server-sent stream whose client half-closes sends the recorded events, ends, and releases its listener', async () => {
  const hub = createHub()
  const gateway = await openGateway({ hub })
  const { order, accessToken } = await payableOrder(gateway)
  const operation = JSON.stringify({ query: EVENTS, variables: { id: order.id, after: 0 } })
  const headers = { authorization: `Bearer ${accessToken}`, accept: 'text/event-stream' }
  await expect
    .poll(() => halfClosed(gateway, ...post('/graphql/stream', operation, headers)))
    .toMatch(/^HTTP\/1\.1 200 (?![^]*event: complete)[^]*"seq":1[^]*"seq":2/)
  await expect.poll(() => hub.size).toBe(0)
})

const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': 13,
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-protocol': 'graphql-transport-ws',
}

test('a WebSocket whose client half-closes is closed and no longer counted', async () => {
  const gateway = await openGateway({ streamLimits: { connectionsPerAddress: 1 } })
  for (let round = 0; round < 3; round += 1) {
    const answer = await halfClosed(gateway, requestHead('GET /graphql', UPGRADE))
    expect(answer).toMatch(/^HTTP\/1\.1 101 /)
  }
})

test('a refused upgrade is closed although its client never closes', async () => {
  const gateway = await openGateway()
  const { socket, received } = await bareConnection(gateway.url)
  socket.write(requestHead('GET /elsewhere', UPGRADE))
  await expect.poll(received).toMatch(/^HTTP\/1\.1 404 /)
  // The client's side stays open: a write fails once the gateway has closed the connection.
  const broken = new Promise((resolve) => socket.once('close', resolve))
  const sending = setInterval(() => socket.write('?'), 50)
  await broken
  clearInterval(sending)
})
