import { once } from 'node:events'
import { request } from 'node:http'
import type { Duplex } from 'node:stream'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { subscriber } from '../support/graphql.ts'
import { paidNotice, post } from '../support/notification.ts'
import { payableOrder, readOrder } from '../support/orders.ts'
import { EVENTS, rawSocket } from '../support/streams.ts'
import { openSocket, seen, watch } from '../support/watching.ts'

/** Asks for an upgrade in so many words; gives the status, or 101 and the open socket. */
async function upgrade(gateway: TestGateway, path: string): Promise<{ status: number; socket?: Duplex }> {
  const { hostname, port } = new URL(gateway.url)
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64'),
    'Sec-WebSocket-Protocol': 'graphql-transport-ws',
  }
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, headers, agent: false })
      .on('response', (response) => resolve({ status: response.resume().statusCode ?? 0 }))
      .on('upgrade', (_response, socket) => {
        onTestFinished(() => void socket.destroy())
        resolve({ status: 101, socket })
      })
      .on('error', reject)
      .end()
  })
}

const OTHER_PATHS = [
  '/',
  '/graphql/',
  '/graphql/x',
  '/GraphQL',
  '//',
  '//graphql',
  '/notify/wechatpay/v3/acme',
]

test('there is a WebSocket at /graphql and nowhere else', async () => {
  const gateway = await openGateway()
  for (const path of OTHER_PATHS) expect(await upgrade(gateway, path), path).toEqual({ status: 404 })
  expect(await upgrade(gateway, '/graphql?from=page')).toMatchObject({ status: 101 })
})

type Misbehave = (
  gateway: TestGateway,
) => Promise<readonly [event: Promise<unknown[]>, code: number | undefined]>

const says =
  (message: string | Buffer, code: number): Misbehave =>
  async (gateway) => {
    const socket = await openSocket(gateway)
    socket.send(message)
    return [once(socket, 'close'), code]
  }

const MISBEHAVIOUR: readonly (readonly [string, Misbehave])[] = [
  ['a message that is not JSON', says('{', 4400)],
  ['a message of no known type', says('{"type":"hello"}', 4400)],
  ['a binary message', says(Buffer.from([0, 1, 2]), 4400)],
  [
    'an operation before connection_init',
    says('{"id":"1","type":"subscribe","payload":{"query":"{x}"}}', 4401),
  ],
  ['a message over 64 KiB', says(' '.repeat(64 * 1024 + 1), 1009)],
  [
    'bytes that are no frame',
    async (gateway) => {
      const { socket } = await upgrade(gateway, '/graphql')
      if (socket === undefined) throw new Error('There was no upgrade.')
      socket.resume().write(Buffer.alloc(64, 0xff))
      return [once(socket, 'close'), undefined]
    },
  ],
]

test.each(MISBEHAVIOUR)('%s closes its own connection and no other', async (_what, misbehave) => {
  const printed = vi.spyOn(console, 'error')
  onTestFinished(() => printed.mockRestore())
  const gateway = await openGateway()
  const { order, accessToken } = await payableOrder(gateway)
  const { id } = order
  const updates = watch(gateway, accessToken, { what: 'orderUpdated', id })
  expect(await updates.next()).toEqual(seen('orderUpdated', { id, seq: 2, status: 'PENDING' }))
  const [closed, code] = await misbehave(gateway)
  const [closedWith] = await closed
  if (code !== undefined) expect(closedWith).toBe(code)
  await post(gateway, paidNotice(gateway, order))
  expect(await updates.next()).toEqual(seen('orderUpdated', { id, seq: 3, status: 'PAID' }))
  expect(await readOrder(gateway, id)).toMatchObject({ status: 'PAID' })
  expect(printed).not.toHaveBeenCalled()
})

test('a client that uses a long id twice is told so, as far as a reason has room', async () => {
  const gateway = await openGateway()
  const { order, accessToken } = await payableOrder(gateway)
  const { subscribe, closed } = await rawSocket(gateway, accessToken)
  const id = '茶'.repeat(100)
  for (let count = 0; count < 2; count += 1) subscribe(id, EVENTS, { id: order.id })
  expect(await closed).toEqual([4409, expect.stringMatching(/^Subscriber for \?+$/)])
})

test('the name of the Authorization may be spelt as in a header', async () => {
  const gateway = await openGateway()
  const { order, accessToken } = await payableOrder(gateway)
  const client = subscriber(gateway.url, accessToken, 'Authorization')
  const told = client.iterate({ query: `subscription { orderUpdated(id: "${order.id}") { seq } }` })
  expect(await told.next()).toMatchObject({ value: { data: { orderUpdated: { seq: 2 } } } })
})
