import { expect, test } from 'vitest'
import { createHub } from '../../src/live/hub.ts'
import { rowsOf } from '../support/database.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { paidNotice, post } from '../support/notification.ts'
import { payableOrder } from '../support/orders.ts'
import { sandboxDir, startSandboxProcess } from '../support/sandbox.ts'
import { slowlyReadingGateway } from '../support/slow-reading.ts'
import { EVENTS, longPoll, openSse, rawSocket, slowWriter, sseClient } from '../support/streams.ts'

/** A gateway, and an order that can be paid. */
async function gatewayWithOrder() {
  const hub = createHub()
  const gateway = await openGateway({ hub })
  return { gateway, hub, ...(await payableOrder(gateway)) }
}

function readyz({ url }: Pick<TestGateway, 'url'>): Promise<number> {
  return fetch(`${url}/readyz`).then(({ status }) => status)
}

test('a gateway that leaves says so to its balancer, and still takes what it is sent', async () => {
  const { gateway, order } = await gatewayWithOrder()
  expect(await readyz(gateway)).toBe(200)
  gateway.leave()
  expect(await readyz(gateway)).toBe(503)
  expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200)
  expect(await post(gateway, paidNotice(gateway, order))).toMatchObject({ status: 204 })
})

test('every answer of a gateway that leaves is the last one on its connection', async () => {
  const { gateway } = await gatewayWithOrder()
  expect((await fetch(`${gateway.url}/healthz`)).headers.get('connection')).toBe('keep-alive')
  gateway.leave()
  expect((await fetch(`${gateway.url}/healthz`)).headers.get('connection')).toBe('close')
})

test('a gateway that leaves opens no stream any more, and those that are open go on', async () => {
  const { gateway, order, accessToken } = await gatewayWithOrder()
  const { id } = order
  const told = sseClient(gateway, accessToken).iterate({ query: EVENTS, variables: { id, after: 1 } })
  await told.next()
  gateway.leave()
  await expect(rawSocket(gateway, accessToken)).rejects.toThrow('503')
  expect((await openSse(gateway, accessToken, { query: EVENTS, variables: { id } })).status).toBe(503)
  const poll = await longPoll(gateway, accessToken, `${id}/events`)
  expect(poll.status).toBe(503)
  expect(await poll.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAVAILABLE' } }] })
  await post(gateway, paidNotice(gateway, order))
  expect((await told.next()).value).toEqual({ data: { orderEvents: { seq: 3, type: 'order.paid' } } })
})

test('WebSocket clients are told to come back with 1012, and not that all has been told', async () => {
  const { gateway, order, accessToken } = await gatewayWithOrder()
  const sockets = await Promise.all(Array.from({ length: 20 }, () => rawSocket(gateway, accessToken)))
  for (const socket of sockets) socket.subscribe('1', EVENTS, { id: order.id, after: 1 })
  await expect.poll(() => sockets.every(({ heard }) => heard.length === 2)).toBe(true)
  await gateway.stop()
  for (const { closed, heard } of sockets) {
    expect(await closed).toEqual([1012, 'The gateway restarts; come back.'])
    expect(heard.map(({ type }) => type)).toEqual(['connection_ack', 'next'])
  }
})

test('a server-sent stream ends without the event that says that all has been told', async () => {
  const { gateway, order, accessToken } = await gatewayWithOrder()
  const operation = { query: EVENTS, variables: { id: order.id, after: 1 } }
  const stream = await openSse(gateway, accessToken, operation)
  const library = sseClient(gateway, accessToken).iterate(operation)
  await library.next()
  const failure = expect(library.next()).rejects.toThrow('Connection closed')
  await gateway.stop()
  const text = await stream.text()
  expect(text).toContain('event: next')
  expect(text).not.toContain('event: complete')
  await failure
})

test('a server-sent stream that was still being opened is refused, and leaves nothing', async () => {
  const hub = createHub()
  const { gateway, holdUp } = await slowlyReadingGateway({ hub })
  const { order, accessToken } = await payableOrder(gateway)
  const goOn = holdUp()
  const opening = openSse(gateway, accessToken, { query: EVENTS, variables: { id: order.id } })
  await expect.poll(() => hub.size).toBe(1)
  const stopped = gateway.stop()
  expect((await opening).status).toBe(503)
  goOn()
  await expect.poll(() => hub.size).toBe(0)
  await stopped
})

test('who is told to come back while it still asks is not obeyed as well', async () => {
  const gateway = await openGateway({ streamLimits: { connectionsPerAddress: 1 } })
  const query = `mutation { createOrder(input: { outTradeNo: "T00001", description: "tea", amount: { total: 1 } }) {
    __typename } }`
  const { socket, closed, sendRest } = await slowWriter(gateway, gateway.merchant.apiKey, { query })
  const heard: string[] = []
  socket.on('data', (data: Buffer) => heard.push(data.toString()))
  // Until the gateway has taken the only seat for the one who asks so slowly.
  await expect.poll(async () => (await longPoll(gateway, undefined, 'ord_1/events')).status).toBe(429)
  const stopped = gateway.stop()
  sendRest()
  await closed
  await stopped
  expect(heard.join('')).toContain('HTTP/1.1 503')
  expect(await rowsOf(gateway.databaseUri, 'orders')).toEqual([])
})

test('a long poll is answered at once with what there is: nothing', async () => {
  const { gateway, hub, order, accessToken } = await gatewayWithOrder()
  const waiting = longPoll(gateway, accessToken, `${order.id}/events?after=2&wait=60`)
  await expect.poll(() => hub.size).toBe(1)
  await gateway.stop()
  const response = await waiting
  expect(response.headers.get('connection')).toBe('close')
  expect(await response.json()).toEqual([])
})

test('a socket whose client never answers does not keep the gateway from stopping', async () => {
  const { gateway, accessToken } = await gatewayWithOrder()
  const { socket } = await rawSocket(gateway, accessToken)
  socket.pause()
  await gateway.stop()
  await expect(fetch(`${gateway.url}/healthz`)).rejects.toThrow('fetch failed')
})

test('on SIGTERM the process tells its balancer, then its watchers, and ends well', async () => {
  const {
    gateway: url,
    merchantKey,
    kill,
  } = await startSandboxProcess(await sandboxDir(), {
    SHUTDOWN_PAUSE_MS: '10000',
  })
  const { closed } = await rawSocket({ url }, merchantKey)
  const ended = kill('SIGTERM')
  await expect.poll(() => readyz({ url }), { interval: 10, timeout: 10_000 }).toBe(503)
  expect(await closed).toEqual([1012, 'The gateway restarts; come back.'])
  expect(await ended).toBe(0)
})
