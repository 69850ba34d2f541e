import { Agent, request, type IncomingMessage } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { bareConnection, requestHead, type BareConnection } from '../support/bare-connection.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { paidNotice, post } from '../support/notification.ts'
import { payableOrder } from '../support/orders.ts'

const UNFINISHED = requestHead('POST /graphql', {
  'content-type': 'application/json',
  'content-length': 100,
  expect: '100-continue',
})
const unfinishedFrom = (address: string) => UNFINISHED.replace('\r\n', `\r\nx-forwarded-for: ${address}\r\n`)
const healthFor = (address: string) => requestHead('GET /healthz', { 'x-forwarded-for': address })

const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': 13,
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-protocol': 'graphql-transport-ws',
}

async function ask({ socket, received }: BareConnection, head: string): Promise<string> {
  const before = received().length
  socket.write(head)
  await expect.poll(() => received().slice(before)).toMatch(/\r\n\r\n/)
  return received().slice(before)
}

const isAlive = (connection: BareConnection) => ask(connection, requestHead('GET /healthz', {}))

/** A request whose body never arrives, open for as long as the test. */
async function busy(gateway: TestGateway): Promise<BareConnection> {
  const connection = await bareConnection(gateway.url)
  // Node answers 100 Continue when the request has begun.
  await ask(connection, UNFINISHED)
  return connection
}

const REFUSED = /^HTTP\/1\.1 (429|503) [^]*retry-after: \d+\r\n[^]*connection: close\r\n/i

test('an incomplete request is cut after its time-out, and an idle connection is not', async () => {
  const requestMs = 1000
  const gateway = await openGateway({ serverLimits: { requestMs } })
  const quiet = await bareConnection(gateway.url)
  await isAlive(quiet)
  const startedAt = performance.now()
  const halves = [UNFINISHED, UNFINISHED.slice(0, -10), UNFINISHED + '{']
  for (const sent of halves) {
    const { socket, received, closed } = await bareConnection(gateway.url)
    socket.write(sent)
    await closed
    expect(received()).toMatch(/HTTP\/1\.1 408 /)
  }
  const each = (performance.now() - startedAt) / halves.length
  expect(each).toBeGreaterThanOrEqual(requestMs - 50)
  expect(each).toBeLessThan(10 * requestMs)
  expect(await isAlive(quiet)).toMatch(/^HTTP\/1\.1 200 /)
})

test('an idle connection is kept for 75 seconds or more', async () => {
  const { url } = await openGateway()
  const agent = new Agent({ keepAlive: true })
  onTestFinished(() => agent.destroy())
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(`${url}/healthz`, { agent }, resolve).on('error', reject).end()
  })
  response.resume()
  const [, seconds] = /^timeout=(\d+)$/.exec(response.headers['keep-alive']?.toString() ?? '') ?? []
  expect(Number(seconds)).toBeGreaterThanOrEqual(75)
})

test('connections over the bound of an address are refused, and a notification is served', async () => {
  const gateway = await openGateway({ serverLimits: { connectionsPerAddress: 20 } })
  const { order } = await payableOrder(gateway)
  const held = await Promise.all(Array.from({ length: 20 }, () => busy(gateway)))
  const refused = await ask(await bareConnection(gateway.url), requestHead('GET /', {}))
  expect(refused).toMatch(REFUSED)
  expect(refused).toMatch(/\r\n\r\n\{"errors":\[\{"message":"One address may have 20 connections /)
  expect(refused).toMatch(
    /\r\naccess-control-allow-origin: \*\r\naccess-control-expose-headers: Retry-After\r\n/i,
  )
  expect(await ask(await bareConnection(gateway.url), requestHead('GET /graphql', UPGRADE))).toMatch(REFUSED)
  const silent = await bareConnection(gateway.url)
  await silent.closed
  expect(await post(gateway, paidNotice(gateway, order))).toMatchObject({ status: 204 })
  const other = await ask(await bareConnection(gateway.url), requestHead('GET /notify/', {}))
  expect(other).toMatch(/^HTTP\/1\.1 404 [^]*\r\nconnection: close\r\n/i)
  for (const { socket } of held) socket.destroy()
  await expect.poll(async () => isAlive(await bareConnection(gateway.url))).toMatch(/^HTTP\/1\.1 200 /)
})

test('at the bound of the process, an idle connection is closed for a new one', async () => {
  const gateway = await openGateway({ serverLimits: { connections: 20 } })
  const idle = await Promise.all(Array.from({ length: 20 }, () => bareConnection(gateway.url)))
  await expect
    .poll(async () => isAlive(await bareConnection(gateway.url)), { timeout: 10_000 })
    .toMatch(/^HTTP\/1\.1 200 /)
  await Promise.race(idle.map(({ closed }) => closed))
})

test('at the bound of the process with all connections in use, requests are refused and a notification is served', async () => {
  const gateway = await openGateway({ serverLimits: { connections: 20 } })
  const { order } = await payableOrder(gateway)
  for (let count = 0; count < 18; count += 1) await busy(gateway)
  // The connections over which the order was made are idle; they are replaced by requests that stay open.
  async function oneMore(): Promise<string> {
    await busy(gateway)
    return ask(await bareConnection(gateway.url), requestHead('GET /', {}))
  }
  await expect
    .poll(oneMore, { timeout: 20_000 })
    .toMatch(/^HTTP\/1\.1 503 [^]*retry-after: \d+\r\n[^]*connection: close\r\n/i)
  expect(await post(gateway, paidNotice(gateway, order))).toMatchObject({ status: 204 })
})

test('behind trusted proxies the requests of an address are counted, not the connections of the proxy', async () => {
  const gateway = await openGateway({ trustedProxies: 1, serverLimits: { connectionsPerAddress: 5 } })
  for (let count = 0; count < 5; count += 1) {
    await ask(await bareConnection(gateway.url), unfinishedFrom('203.0.113.1'))
  }
  expect(await ask(await bareConnection(gateway.url), healthFor('203.0.113.1'))).toMatch(REFUSED)
  expect(await ask(await bareConnection(gateway.url), healthFor('203.0.113.2'))).toMatch(/^HTTP\/1\.1 200 /)
})
