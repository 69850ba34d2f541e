import { connect } from 'node:net'
import { expect, test } from 'vitest'
import type { StreamLimits } from '../../src/operations/stream-limits.ts'
import { openGateway, type GatewayChanges, type TestGateway } from '../support/gateway.ts'
import { paidNotice, post } from '../support/notification.ts'
import { payableOrder, readOrder } from '../support/orders.ts'
import { EVENTS, firstResult, longPoll, openSse, rawSocket, type RawSocket } from '../support/streams.ts'
import { openSocket } from '../support/watching.ts'

/** A gateway with these bounds, and a bystander who watches and must not be disturbed. */
async function bounded(
  streamLimits: Partial<StreamLimits>,
  more: Pick<GatewayChanges, 'trustedProxies' | 'operationLimits'> = {},
) {
  const gateway = await openGateway({ streamLimits, ...more })
  const { order, accessToken } = await payableOrder(gateway)
  return { gateway, order, accessToken, variables: { id: order.id, after: 1 } }
}

/** Watches the order on a socket of its own, and checks that it is told of the payment. */
async function bystander(gateway: TestGateway, credential: string) {
  const { order } = await payableOrder(gateway, {}, credential)
  const socket = await rawSocket(gateway, credential)
  socket.subscribe('1', EVENTS, { id: order.id, after: 2 })
  return async function isUndisturbed(): Promise<void> {
    await post(gateway, paidNotice(gateway, order))
    await expect
      .poll(() => socket.heard.at(-1))
      .toMatchObject({ type: 'next', payload: { data: { orderEvents: { seq: 3 } } } })
  }
}

const TOO_MANY = { extensions: { code: 'TOO_MANY_REQUESTS' } }

function countOf({ heard }: RawSocket, type: string): number {
  return heard.filter((message) => message.type === type).length
}

test('of a hundred subscriptions on one socket those over the bound are refused, and the others go on', async () => {
  const { gateway, order, accessToken, variables } = await bounded({})
  const socket = await rawSocket(gateway, accessToken)
  for (let id = 1; id <= 100; id += 1) socket.subscribe(String(id), EVENTS, variables)
  await expect.poll(() => socket.heard.length).toBe(1 + 100)
  expect(countOf(socket, 'error')).toBe(80)
  expect(socket.heard.find(({ type }) => type === 'error')).toMatchObject({
    payload: [{ message: 'One socket may have 20 operations at once; complete one first.', ...TOO_MANY }],
  })
  await post(gateway, paidNotice(gateway, order))
  await expect.poll(() => countOf(socket, 'next')).toBe(20 + 20)
  socket.say({ type: 'complete', id: '1' })
  socket.subscribe('again', EVENTS, variables)
  await expect.poll(() => socket.heard.filter(({ id }) => id === 'again').length).toBe(2)
})

test('one token has so many streams, whichever transport they use; the next is refused on each', async () => {
  const { gateway, order, accessToken, variables } = await bounded({ connectionsPerToken: 3 })
  const first = await rawSocket(gateway, accessToken)
  await openSse(gateway, accessToken, { query: EVENTS, variables })
  const waiting = longPoll(gateway, accessToken, `${order.id}/events?after=2&wait=60`)
  const message = 'One token may have 3 streams at once; end one, or come back later.'
  await expect
    .poll(() => openSse(gateway, accessToken, { query: EVENTS, variables }).then(firstResult))
    .toMatchObject({ errors: [{ message, ...TOO_MANY }] })
  expect((await longPoll(gateway, accessToken, `${order.id}/events`)).status).toBe(429)
  const second = await rawSocket(gateway, accessToken)
  expect(await second.closed).toEqual([1013, message])

  // Somebody else is not concerned, and a stream that ends makes room.
  const isUndisturbed = await bystander(gateway, gateway.merchant.apiKey)
  await isUndisturbed()
  first.socket.close()
  await first.closed
  await expect.poll(async () => (await rawSocket(gateway, accessToken)).heard.length).toBe(1)
  await post(gateway, paidNotice(gateway, order))
  expect((await waiting).status).toBe(200)
})

/** Asks for a stream and is gone before the answer, as a phone that loses its network. */
function askAndVanish({ url }: TestGateway, request: readonly string[]): Promise<void> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname)
    socket.write(request.join('\r\n'), () => socket.destroy())
    socket.once('close', () => resolve())
  })
}

test('phones that vanish as soon as they have asked give their seats back, over SSE and long poll', async () => {
  const { gateway, order, accessToken, variables } = await bounded({ connectionsPerToken: 3 })
  const body = JSON.stringify({ query: EVENTS, variables })
  const fields = ['host: here', `authorization: Bearer ${accessToken}`, 'content-type: application/json']
  const poll = [`GET /orders/${order.id}/events?after=2 HTTP/1.1`, ...fields, '', '']
  const length = `content-length: ${body.length}`
  const sse = ['POST /graphql/stream HTTP/1.1', ...fields, length, '', body]
  for (let phone = 0; phone < 60; phone += 1) await askAndVanish(gateway, phone % 2 === 0 ? poll : sse)
  await expect
    .poll(() => longPoll(gateway, accessToken, `${order.id}/events`).then(({ status }) => status))
    .toBe(200)
  await expect
    .poll(() => openSse(gateway, accessToken, { query: EVENTS, variables }).then(firstResult))
    .toMatchObject({ data: { orderEvents: { seq: 2 } } })
})

test('one token has so many subscriptions over all its streams', async () => {
  const { gateway, order, accessToken, variables } = await bounded({ subscriptionsPerToken: 2 })
  const [one, other] = [await rawSocket(gateway, accessToken), await rawSocket(gateway, accessToken)]
  one.subscribe('1', EVENTS, variables)
  other.subscribe('1', EVENTS, variables)
  await expect.poll(() => countOf(one, 'next') + countOf(other, 'next')).toBe(2)
  other.subscribe('2', EVENTS, variables)
  await expect.poll(() => other.heard.at(-1)).toMatchObject({ type: 'error', id: '2', payload: [TOO_MANY] })
  expect(await openSse(gateway, accessToken, { query: EVENTS, variables }).then(firstResult)).toMatchObject({
    errors: [TOO_MANY],
  })
  expect((await longPoll(gateway, accessToken, `${order.id}/events`)).status).toBe(429)
  other.socket.terminate()
  await expect
    .poll(() => longPoll(gateway, accessToken, `${order.id}/events`).then(({ status }) => status))
    .toBe(200)
})

/** With a place for each read at most twice: what does not give its place back keeps the third one waiting. */
function fewReads(streamLimits: Partial<StreamLimits>) {
  return bounded(streamLimits, { operationLimits: { readsPerToken: 2 } })
}

test('subscriptions that are open do not take the place of what is read', async () => {
  const { gateway, order, accessToken, variables } = await fewReads({})
  const socket = await rawSocket(gateway, accessToken)
  for (let id = 1; id <= 6; id += 1) socket.subscribe(String(id), EVENTS, variables)
  await expect.poll(() => countOf(socket, 'next')).toBe(6)
  expect(await readOrder(gateway, order.id, accessToken)).toMatchObject({ id: order.id })
})

test('subscriptions that are refused for their number do not take the place of what is read', async () => {
  const { gateway, order, accessToken, variables } = await fewReads({ subscriptionsPerToken: 1 })
  const socket = await rawSocket(gateway, accessToken)
  for (let id = 1; id <= 6; id += 1) socket.subscribe(String(id), EVENTS, variables)
  await expect.poll(() => countOf(socket, 'error')).toBe(5)
  expect(await readOrder(gateway, order.id, accessToken)).toMatchObject({ id: order.id })
})

test('a flood of connects from one address is refused above its bound, and costs the others nothing', async () => {
  const { gateway, accessToken, variables } = await bounded({ connectionsPerAddress: 30 })
  const isUndisturbed = await bystander(gateway, gateway.merchant.apiKey)
  const flood = await Promise.allSettled(Array.from({ length: 300 }, () => openSocket(gateway)))
  expect(flood.filter(({ status }) => status === 'fulfilled')).toHaveLength(29)
  const refused = flood.find(({ status }) => status === 'rejected')
  expect(String(refused?.status === 'rejected' && refused.reason)).toContain('429')
  const sse = await openSse(gateway, accessToken, { query: EVENTS, variables })
  expect(sse.status).toBe(429)
  expect(await sse.json()).toMatchObject({ errors: [TOO_MANY] })
  await isUndisturbed()
})

const forwardedFor = (address: string) => ({ 'x-forwarded-for': `6.6.6.6, ${address}` })

async function statusFrom(address: string, { url }: TestGateway, path: string): Promise<number> {
  const { status } = await fetch(`${url}/orders/${path}`, { headers: forwardedFor(address) })
  return status
}

test('behind trusted proxies the address is the one that they saw, and otherwise no header counts', async () => {
  for (const [trustedProxies, elsewhere] of [
    [0, 429],
    [1, 401],
  ] as const) {
    const { gateway, order, accessToken } = await bounded({ connectionsPerAddress: 1 }, { trustedProxies })
    const leaving = new AbortController()
    const waiting = fetch(`${gateway.url}/orders/${order.id}/events?after=2&wait=60`, {
      headers: { authorization: `Bearer ${accessToken}`, ...forwardedFor('1.1.1.1') },
      signal: leaving.signal,
    }).catch(() => undefined)
    await expect.poll(() => statusFrom('1.1.1.1', gateway, `${order.id}/events`)).toBe(429)
    expect(await statusFrom('2.2.2.2', gateway, `${order.id}/events`)).toBe(elsewhere)
    leaving.abort()
    await waiting
  }
})

test('a socket that never introduces itself is closed', async () => {
  const { gateway } = await bounded({ initMs: 50 })
  const socket = await openSocket(gateway)
  const [code] = await new Promise<[number]>((resolve) =>
    socket.once('close', (...closed) => resolve([closed[0]])),
  )
  expect(code).toBe(4408)
})

test('a socket on which nothing is asked for is closed, and one with a subscription is not', async () => {
  const { gateway, accessToken, variables } = await bounded({ idleMs: 300, heartbeatMs: 200 })
  const watching = await rawSocket(gateway, accessToken)
  watching.subscribe('1', EVENTS, variables)
  const idle = await rawSocket(gateway, accessToken)
  expect(await idle.closed).toEqual([1000, 'Nothing was asked for too long.'])
  expect(watching.socket.readyState).toBe(watching.socket.OPEN)
  watching.say({ type: 'complete', id: '1' })
  expect(await watching.closed).toEqual([1000, 'Nothing was asked for too long.'])
})

test('a client that asks and never reads is sent away before much waits for it', async () => {
  // Nothing but what waits for it can end the socket: it is not pinged before the test is over.
  const { gateway } = await bounded({ heartbeatMs: 3_600_000 })
  const isUndisturbed = await bystander(gateway, gateway.merchant.apiKey)
  const deaf = await rawSocket(gateway, undefined)
  deaf.socket.pause()
  const ping = JSON.stringify({ type: 'ping', payload: { text: 'x'.repeat(60_000) } })
  const gone = new Promise((resolve) => deaf.socket.once('close', resolve))
  while (deaf.socket.readyState === deaf.socket.OPEN) {
    await new Promise((resolve) => deaf.socket.send(ping, resolve))
    deaf.socket.resume()
    deaf.socket.pause()
  }
  await gone
  await isUndisturbed()
})

test('a dead peer, which never answers a ping, is dropped, and who answers is not', async () => {
  const { gateway, accessToken, variables } = await bounded({ heartbeatMs: 200 })
  const alive = await rawSocket(gateway, accessToken)
  alive.subscribe('1', EVENTS, variables)
  const dead = await openSocket(gateway, { autoPong: false })
  dead.send(JSON.stringify({ type: 'connection_init' }))
  const [code] = await new Promise<[number]>((resolve) =>
    dead.once('close', (...closed) => resolve([closed[0]])),
  )
  expect(code).toBe(1006)
  expect(alive.socket.readyState).toBe(alive.socket.OPEN)
})
