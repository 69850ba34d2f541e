import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import { createHub } from '../../src/live/hub.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { createdOrder } from '../support/orders.ts'
import { slowlyReadingGateway } from '../support/slow-reading.ts'
import { EVENTS, firstResult, longPoll, openSse, rawSocket } from '../support/streams.ts'

/** Time to open a stream before its token expires, in milliseconds, on a busy machine too. */
const GOOD_FOR_MS = 4000

/** Makes an order whose token is good for `leftMs` more, by the gateway's clock. */
async function expiringOrder(gateway: TestGateway, leftMs: number) {
  const { order, accessToken } = await createdOrder(gateway)
  const { exp = 0 } = decodeJwt(accessToken)
  gateway.advance(exp * 1000 - Date.now() - leftMs)
  return { order, accessToken }
}

async function expiringToken(leftMs: number) {
  const hub = createHub()
  const gateway = await openGateway({ hub })
  return { gateway, hub, ...(await expiringOrder(gateway, leftMs)) }
}

const EXPIRED = { message: 'The access token has expired.', extensions: { code: 'UNAUTHENTICATED' } }

test('a WebSocket is closed when the token that it came with expires', async () => {
  const { gateway, hub, order, accessToken } = await expiringToken(GOOD_FOR_MS)
  const { closed, heard, subscribe } = await rawSocket(gateway, accessToken)
  subscribe('1', EVENTS, { id: order.id })
  expect(await closed).toEqual([4403, 'The access token has expired.'])
  expect(heard.map(({ type }) => type)).toEqual(['connection_ack', 'next'])
  await expect.poll(() => hub.size).toBe(0)
})

test('a server-sent stream says that the token has expired, and ends', async () => {
  const { gateway, hub, order, accessToken } = await expiringToken(GOOD_FOR_MS)
  const operation = { query: EVENTS, variables: { id: order.id, after: 1 } }
  const text = await (await openSse(gateway, accessToken, operation)).text()
  const [, data = ''] = /data: (\{.*\})/.exec(text) ?? []
  expect(JSON.parse(data)).toEqual({ errors: [EXPIRED] })
  expect(text).toMatch(/event: complete\ndata:.*\n\n$/)
  await expect.poll(() => hub.size).toBe(0)
})

test('a server-sent stream whose token expires while it is being opened says so, and leaves nothing', async () => {
  const hub = createHub()
  const { gateway, holdUp } = await slowlyReadingGateway({ hub })
  const { order, accessToken } = await expiringOrder(gateway, GOOD_FOR_MS)
  const goOn = holdUp()
  const opening = openSse(gateway, accessToken, { query: EVENTS, variables: { id: order.id, after: 1 } })
  await expect.poll(() => hub.size).toBe(1)
  const stream = await opening
  expect([stream.status, stream.headers.get('content-type')]).toEqual([
    200,
    'text/event-stream; charset=utf-8',
  ])
  expect(await firstResult(stream)).toEqual({ errors: [EXPIRED] })
  goOn()
  await expect.poll(() => hub.size).toBe(0)
})

test('a long poll ends, and the next one is refused', async () => {
  const { gateway, order, accessToken } = await expiringToken(GOOD_FOR_MS)
  const ended = await longPoll(gateway, accessToken, `${order.id}/events?after=1&wait=60`)
  expect(await ended.json()).toEqual([])
  const refused = await longPoll(gateway, accessToken, `${order.id}/events?after=1&wait=60`)
  expect(refused.status).toBe(401)
  expect(await refused.json()).toMatchObject({ errors: [EXPIRED] })
})

test("a merchant's key outlives every token", async () => {
  const { gateway, order } = await expiringToken(100)
  const { heard, subscribe, socket } = await rawSocket(gateway, gateway.merchant.apiKey)
  gateway.advance(100 * 24 * 3_600_000)
  subscribe('1', EVENTS, { id: order.id })
  await expect.poll(() => heard.length).toBe(2)
  expect(socket.readyState).toBe(socket.OPEN)
})

test('a token that has expired before may connect, and each of its operations is told why', async () => {
  const { gateway, order, accessToken } = await expiringToken(-1000)
  const { heard, subscribe } = await rawSocket(gateway, accessToken)
  subscribe('1', EVENTS, { id: order.id })
  await expect.poll(() => heard.length).toBeGreaterThan(1)
  expect(heard[1]).toMatchObject({ type: 'next', id: '1', payload: { errors: [EXPIRED] } })
})
