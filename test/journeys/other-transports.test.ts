import { once } from 'node:events'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createHub } from '../../src/live/hub.ts'
import { openGateway } from '../support/gateway.ts'
import { paidNotice, post } from '../support/notification.ts'
import { payableOrder } from '../support/orders.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { deafReader, EVENTS, firstResult, longPoll, openSse, sseClient } from '../support/streams.ts'

const event = (seq: number, type: string) => ({
  done: false,
  value: { data: { orderEvents: { seq, type } } },
})

test('events over SSE: first what was recorded, then what happens', async () => {
  const gateway = await openGateway()
  const { order, accessToken } = await payableOrder(gateway)
  const told = sseClient(gateway, accessToken).iterate({
    query: EVENTS,
    variables: { id: order.id, after: 1 },
  })
  expect(await told.next()).toEqual(event(2, 'order.payment_started'))
  const paid = told.next()
  await post(gateway, paidNotice(gateway, order))
  expect(await paid).toEqual(event(3, 'order.paid'))
})

test('a stream that is left has no listener any more', async () => {
  const hub = createHub()
  const gateway = await openGateway({ hub })
  const { order, accessToken } = await payableOrder(gateway)
  const told = sseClient(gateway, accessToken).iterate({
    query: EVENTS,
    variables: { id: order.id, after: 1 },
  })
  await told.next()
  expect(hub.size).toBe(1)
  await told.return?.()
  await expect.poll(() => hub.size).toBe(0)
})

test('SSE has the same access rules and limits', async () => {
  const gateway = await openGateway()
  const { order } = await payableOrder(gateway)
  const nobody = sseClient(gateway, undefined).iterate({ query: EVENTS, variables: { id: order.id } })
  expect((await nobody.next()).value).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
  const foreign = sseClient(gateway, gateway.otherMerchant.apiKey).iterate({
    query: EVENTS,
    variables: { id: order.id },
  })
  expect((await foreign.next()).value).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] })
})

test.each([
  ['no JSON', 'hello', 400],
  ['no object', '3', 400],
  ['too much', JSON.stringify({ query: 'x'.repeat(70_000) }), 413],
])('SSE refuses a body that is %s', async (_what, body, status) => {
  const gateway = await openGateway()
  const response = await fetch(`${gateway.url}/graphql/stream`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body,
  })
  expect(response.status).toBe(status)
})

test.each(['*/*', 'application/json, text/event-stream;q=0.9, */*;q=0.1'])(
  'SSE answers who accepts it in the words %s',
  async (accept) => {
    const gateway = await openGateway()
    const { order, accessToken } = await payableOrder(gateway)
    const operation = { query: EVENTS, variables: { id: order.id, after: 1 } }
    const stream = await openSse(gateway, accessToken, operation, accept)
    expect(stream.headers.get('content-type')).toContain('text/event-stream')
    expect(await firstResult(stream)).toMatchObject({ data: { orderEvents: { seq: 2 } } })
  },
)

test('SSE says why it has nothing for who does not accept it', async () => {
  const gateway = await openGateway()
  const { order, accessToken } = await payableOrder(gateway)
  const operation = { query: EVENTS, variables: { id: order.id } }
  const refused = await openSse(gateway, accessToken, operation, 'application/json')
  expect(refused.status).toBe(406)
  expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'NOT_ACCEPTABLE' } }] })
})

test('a long poll tells of each event how the order stood then', async () => {
  const gateway = await openGateway()
  const { order, accessToken } = await payableOrder(gateway)
  await post(gateway, paidNotice(gateway, order))
  const response = await longPoll(gateway, accessToken, `${order.id}/events?after=0`)
  expect(await response.json()).toMatchObject([
    { seq: 1, status: 'CREATED' },
    { seq: 2, status: 'PENDING' },
    { seq: 3, status: 'PAID' },
  ])
})

test('a long poll answers at once with what is there', async () => {
  const gateway = await openGateway()
  const { order, accessToken } = await payableOrder(gateway)
  const response = await longPoll(gateway, accessToken, `${order.id}/events?after=0`)
  expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store'])
  expect(await response.json()).toMatchObject([
    { orderId: order.id, seq: 1, type: 'order.created' },
    { orderId: order.id, seq: 2, type: 'order.payment_started' },
  ])
})

test('a long poll that does not wait answers with what is there', async () => {
  const gateway = await openGateway()
  const { order, accessToken } = await payableOrder(gateway)
  const response = await longPoll(gateway, accessToken, `${order.id}/events?after=1&wait=0`)
  expect(await response.json()).toMatchObject([{ seq: 2, type: 'order.payment_started' }])
})

test('a long poll waits for the first event, and leaves no listener', async () => {
  const hub = createHub()
  const gateway = await openGateway({ hub })
  const { order, accessToken } = await payableOrder(gateway)
  const waiting = longPoll(gateway, accessToken, `${order.id}/events?after=2&wait=20`)
  await expect.poll(() => hub.size).toBe(1)
  await post(gateway, paidNotice(gateway, order))
  expect(await (await waiting).json()).toMatchObject([{ seq: 3, type: 'order.paid', status: 'PAID' }])
  expect(hub.size).toBe(0)
})

test('a long poll gives an empty array at its deadline', async () => {
  const gateway = await openGateway()
  const { order, accessToken } = await payableOrder(gateway)
  expect(await (await longPoll(gateway, accessToken, `${order.id}/events?after=2&wait=0`)).json()).toEqual([])
})

test('a page that goes away ends its long poll', async () => {
  const hub = createHub()
  const gateway = await openGateway({ hub })
  const { order, accessToken } = await payableOrder(gateway)
  const leaving = new AbortController()
  const waiting = fetch(`${gateway.url}/orders/${order.id}/events?after=2&wait=60`, {
    headers: { authorization: `Bearer ${accessToken}` },
    signal: leaving.signal,
  })
  await expect.poll(() => hub.size).toBe(1)
  leaving.abort()
  await expect(waiting).rejects.toThrow('aborted')
  await expect.poll(() => hub.size).toBe(0)
})

test('a phone that resets its connection is no error of ours', async () => {
  const hub = createHub()
  const { log, lines } = recordedLog()
  const gateway = await openGateway({ hub, log })
  const { order, accessToken } = await payableOrder(gateway)
  const query = 'subscription ($id: ID!) { orderUpdated(id: $id) { seq } }'
  const { socket } = await deafReader(gateway, accessToken, { query, variables: { id: order.id } })
  await once(socket, 'data')
  socket.resetAndDestroy()
  await expect.poll(() => hub.size).toBe(0)
  await expect
    .poll(() => lines.map(({ message }) => message))
    .toContain('A client has left before it was answered.')
  expect(lines.filter(({ level }) => level === 'error')).toEqual([])
})

test('a long poll says why it is refused', async () => {
  const gateway = await openGateway()
  const { order, accessToken } = await payableOrder(gateway)
  const answers = await Promise.all([
    longPoll(gateway, undefined, `${order.id}/events`),
    longPoll(gateway, accessToken, 'ord_000000000000000000000000/events'),
    longPoll(gateway, gateway.otherMerchant.apiKey, `${order.id}/events`),
    longPoll(gateway, accessToken, `${order.id}/events?after=-1`),
    longPoll(gateway, accessToken, `${order.id}/events?after=99`),
    longPoll(gateway, accessToken, `${order.id}/events?after=0&wait=1000`),
  ])
  expect(answers.map(({ status }) => status)).toEqual([401, 404, 404, 400, 400, 400])
  expect(await answers[4]?.json()).toMatchObject({
    errors: [
      {
        message: 'after must be 0 to 2, the seq of the newest event.',
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ],
  })
})

test('a quiet server-sent stream gives a sign of life every twelve seconds', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const gateway = await openGateway()
  const { order, accessToken } = await payableOrder(gateway)
  const stream = await openSse(gateway, accessToken, { query: EVENTS, variables: { id: order.id, after: 2 } })
  const signs = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
  expect(await signs?.read()).toEqual({ done: false, value: ':\n\n' })
  vi.advanceTimersByTime(12_000)
  expect(await signs?.read()).toEqual({ done: false, value: ':\n\n' })
})

test('a reader of a server-sent stream that stands still is waited for, and then sent away', async () => {
  const hub = createHub()
  const gateway = await openGateway({ hub, streamLimits: { stallMs: 300 } })
  const { order, accessToken } = await payableOrder(gateway)
  const stored = await gateway.parts.database.orders.byId(order.id)
  if (stored === undefined) throw new Error('The order is not there.')
  const query = 'subscription ($id: ID!) { orderUpdated(id: $id) { seq description } }'
  const { socket, closed } = await deafReader(gateway, accessToken, { query, variables: { id: order.id } })
  socket.pause()
  await expect.poll(() => hub.size).toBe(1)
  const description = 'x'.repeat(1_000_000)
  for (let seq = 3; hub.size > 0; seq += 1) {
    hub.announce({ ...stored, description, seq })
    await new Promise((resolve) => setImmediate(resolve))
  }
  socket.resume()
  await closed
})
