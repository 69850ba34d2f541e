import { expect, onTestFinished, test } from 'vitest'
import { BYTE_FLOODS } from '../../bench/byte-floods.ts'
import { startFlood, type Counts, type Flood } from '../../bench/flood.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { paidNotice, post } from '../support/notification.ts'
import { createdOrder, payableOrder } from '../support/orders.ts'

/** The platform waits five seconds for an acknowledgement. */
const DEADLINE_MS = 5000

const NOTIFICATIONS = 6

async function startFloodHere(flood: Flood) {
  const running = await startFlood(flood)
  let counts: Promise<Counts> | undefined
  const stop = (): Promise<Counts> => (counts ??= running.stop())
  onTestFinished(async () => void (await stop()))
  return stop
}

/** Milliseconds until each of some notifications was acknowledged with 204. */
async function notify(gateway: TestGateway, orders: readonly Parameters<typeof paidNotice>[1][]) {
  const times: number[] = []
  for (const order of orders) {
    const startedAt = performance.now()
    expect(await post(gateway, paidNotice(gateway, order))).toMatchObject({ status: 204 })
    times.push(Math.round(performance.now() - startedAt))
  }
  return times.sort((a, b) => a - b)
}

const repeated = (field: string, times: number): string => `{ ${`${field} `.repeat(times)}}`
const aliased = (field: string, times: number): string =>
  `{ ${Array.from({ length: times }, (_, index) => `a${index}: ${field}`).join(' ')} }`

const LIST = '{ orders(first: 100) { totalCount nodes { id events { seq } } } }'

interface Caller {
  readonly url: string
  readonly token: string
  readonly key: string
}

const FLOODS: readonly (readonly [string, (caller: Caller) => Flood])[] = [
  [
    'HTTP without a key, each document different',
    ({ url }) => ({
      transport: 'http',
      path: '/graphql',
      clients: 32,
      url,
      query: `query Q$N ${repeated('order{id}', 1245)}`,
    }),
  ],
  [
    'WebSockets without a key, each document different',
    ({ url }) => ({
      transport: 'websocket',
      sockets: 20,
      operations: 20,
      isEndless: false,
      url,
      query: `query Q$N ${repeated('order{id}', 1245)}`,
    }),
  ],
  [
    'HTTP with an order token that reads as much as one operation may',
    ({ url, token }) => ({
      transport: 'http',
      path: '/graphql',
      clients: 32,
      url,
      query: aliased('order{id}', 10),
      authorization: `Bearer ${token}`,
    }),
  ],
  [
    'WebSockets with a merchant’s key that read lists',
    ({ url, key }) => ({
      transport: 'websocket',
      sockets: 50,
      operations: 20,
      isEndless: true,
      url,
      query: LIST,
      authorization: `Bearer ${key}`,
    }),
  ],
]

test.each(FLOODS)('a flood over %s makes no notification late', async (_what, flood) => {
  const gateway = await openGateway()
  const { accessToken } = await createdOrder(gateway)
  const payable = await Promise.all(Array.from({ length: NOTIFICATIONS }, () => payableOrder(gateway)))
  const { url, merchant } = gateway
  const stop = await startFloodHere(flood({ url, token: accessToken, key: merchant.apiKey }))
  const times = await notify(
    gateway,
    payable.map(({ order }) => order),
  )
  expect(times.at(-1)).toBeLessThan(DEADLINE_MS)
  // The gateway answered the flood while it acknowledged the notifications.
  expect(Object.values(await stop()).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(10)
})

test.each(Object.entries(BYTE_FLOODS))('a flood of %s makes no notification late', async (_what, bytes) => {
  const gateway = await openGateway()
  const payable = await Promise.all(Array.from({ length: NOTIFICATIONS }, () => payableOrder(gateway)))
  const stop = await startFloodHere({ transport: 'bytes', url: gateway.url, ...bytes })
  const times = await notify(
    gateway,
    payable.map(({ order }) => order),
  )
  expect(times.at(-1)).toBeLessThan(DEADLINE_MS)
  await stop()
})
