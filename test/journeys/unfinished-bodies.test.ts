import { request } from 'node:http'
import { expect, test } from 'vitest'
import { bareConnection, requestHead } from '../support/bare-connection.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { paidNotice, post } from '../support/notification.ts'
import { payableOrder } from '../support/orders.ts'

const NOTIFY = '/notify/wechatpay/v3/acme'

interface Sending {
  readonly path?: string
  readonly authorization?: string
  readonly bytes: number
}

function headOf({ path = '/graphql', authorization, bytes }: Sending): string {
  const accept = path === '/graphql/stream' ? 'text/event-stream' : 'application/json'
  const key = authorization === undefined ? {} : { authorization }
  const type = { 'content-type': 'application/json' }
  return requestHead(`POST ${path}`, { ...type, accept, ...key, 'content-length': bytes })
}

/** Sends the head of a request and one byte less than its body. */
async function unfinished(gateway: TestGateway, sending: Sending) {
  const connection = await bareConnection(gateway.url)
  connection.socket.write(headOf(sending) + ' '.repeat(sending.bytes - 1))
  return connection
}

/** Opens many of them; the returned function lists the answers so far. */
async function flood(gateway: TestGateway, count: number, sending: Sending) {
  const connections = await Promise.all(Array.from({ length: count }, () => unfinished(gateway, sending)))
  return () => connections.map(({ received }) => received()).filter((text) => text !== '')
}

const keyOf = ({ merchant }: TestGateway) => `Bearer ${merchant.apiKey}`
const KIBIBYTE = 1024
const SMALL_BUDGET = { bytes: 800 * KIBIBYTE, bytesPerAddress: 800 * KIBIBYTE }

test('hundreds of unfinished operations stay within their budget, and a notification is acknowledged', async () => {
  const gateway = await openGateway()
  const { order } = await payableOrder(gateway)
  const sending = { authorization: keyOf(gateway), bytes: 64 * KIBIBYTE }
  const answers = await flood(gateway, 400, sending)
  // 16 MiB for one address are 204 bodies of 64 KiB with 16 KiB each for the request.
  await expect.poll(() => answers().length, { timeout: 10_000 }).toBeGreaterThanOrEqual(400 - 204)
  for (const answer of answers()) {
    expect(answer).toMatch(/^HTTP\/1\.1 (429|503) /)
    expect(answer).toMatch(/\r\nretry-after: \d+\r\n/i)
    expect(answer).toMatch(/\r\nconnection: close\r\n/i)
    expect(answer).toMatch(
      /\r\n\r\n\{"errors":\[\{"message":".+","extensions":\{"code":"(TOO_MANY_REQUESTS|UNAVAILABLE)"\}\}\]\}$/,
    )
  }
  expect(await post(gateway, paidNotice(gateway, order))).toMatchObject({ status: 204 })
})

test('unfinished notifications stay within their budget, are answered FAIL, and are given up for a new one', async () => {
  const gateway = await openGateway({ bodyBudgets: { notifications: SMALL_BUDGET } })
  const { order } = await payableOrder(gateway)
  const answers = await flood(gateway, 100, { path: NOTIFY, bytes: 64 * KIBIBYTE })
  await expect.poll(() => answers().length, { timeout: 10_000 }).toBeGreaterThanOrEqual(90)
  for (const answer of answers()) {
    expect(answer).toMatch(/^HTTP\/1\.1 503 /)
    expect(answer).toMatch(/\r\n\r\n\{"code":"FAIL","message":".+"\}$/)
  }
  // It arrives with its head, so that it needs nothing of the budget.
  expect(await post(gateway, paidNotice(gateway, order))).toMatchObject({ status: 204 })
})

test('a stalled body is given up for a new one, and is answered', async () => {
  const budget = { bytes: 100 * KIBIBYTE, bytesPerAddress: 100 * KIBIBYTE }
  const gateway = await openGateway({ bodyBudgets: { operations: budget } })
  const sending = { authorization: keyOf(gateway), bytes: 60 * KIBIBYTE }
  const stalled = await unfinished(gateway, sending)
  const next = async (): Promise<string> => {
    const connection = await unfinished(gateway, sending)
    connection.socket.write(' ')
    await expect.poll(connection.received).toMatch(/^HTTP/)
    return connection.received()
  }
  expect(await next()).toMatch(/^HTTP\/1\.1 429 /)
  // It is complete and no JSON, so it was read.
  await expect.poll(next, { timeout: 10_000, interval: 200 }).toMatch(/^HTTP\/1\.1 400 /)
  await expect.poll(stalled.received).toMatch(/^HTTP\/1\.1 503 [^]*"UNAVAILABLE"/)
})

test('behind trusted proxies each address has a share of its own', async () => {
  const budget = { bytes: 1024 * KIBIBYTE, bytesPerAddress: 100 * KIBIBYTE }
  const gateway = await openGateway({ trustedProxies: 1, bodyBudgets: { operations: budget } })
  const from = async (address: string) => {
    const { socket, received } = await bareConnection(gateway.url)
    const head = headOf({ bytes: 10 * KIBIBYTE })
    socket.write(head.replace('\r\n', `\r\nx-forwarded-for: ${address}\r\nexpect: 100-continue\r\n`))
    await expect.poll(received).toMatch(/\r\n\r\n/)
    return received
  }
  for (let count = 0; count < 3; count += 1) await from('203.0.113.1')
  await expect.poll(await from('203.0.113.1')).toMatch(/HTTP\/1\.1 429 /)
  const other = await from('203.0.113.2')
  expect(other()).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\n$/)
})

test.each(['/graphql', '/graphql/stream'])(
  'a body over its bound is refused at %s before it is sent: 64 KiB with a key, 16 KiB without',
  async (path) => {
    const gateway = await openGateway()
    const answerTo = async (sending: Sending): Promise<string> => {
      const { socket, received, closed } = await bareConnection(gateway.url)
      socket.write(headOf({ path, ...sending }))
      await closed
      return received()
    }
    const authorization = keyOf(gateway)
    for (const sending of [{ authorization, bytes: 64 * KIBIBYTE + 1 }, { bytes: 16 * KIBIBYTE + 1 }]) {
      const answer = await answerTo(sending)
      expect(answer).toMatch(/^HTTP\/1\.1 413 [^]*\r\nconnection: close\r\n/i)
      expect(answer).toMatch(/\{"errors":\[\{"message":"The body may have \d+ bytes/)
    }
    const largest = await fetch(`${gateway.url}${path}`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json', accept: '*/*' },
      body: JSON.stringify({ query: '{ __typename }' }).padEnd(64 * KIBIBYTE),
    })
    expect(largest.status).toBe(200)
    expect(await largest.text()).toContain('"__typename"')
  },
)

test('a client that sends a large body reads the refusal', async () => {
  const { url } = await openGateway()
  const status = (): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const sent = request(`${url}/graphql`, { method: 'POST', agent: false }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      sent.on('error', reject).end(Buffer.alloc(2 * 1024 * KIBIBYTE))
    })
  for (let round = 0; round < 20; round += 1) expect(await status()).toBe(413)
})

test('a body sent byte by byte is read completely', async () => {
  const gateway = await openGateway()
  const { socket, received } = await bareConnection(gateway.url)
  const body = JSON.stringify({ query: '{ __typename }' }).padStart(500)
  const head = headOf({ bytes: 0 }).replace('content-length: 0', 'transfer-encoding: chunked')
  socket.write(`${head}${Array.from(body, (byte) => `1\r\n${byte}\r\n`).join('')}0\r\n\r\n`)
  await expect.poll(received).toMatch(/^HTTP\/1\.1 200 [^]*"__typename":"Query"/)
})

const ONE_BYTE_CHUNKS = '1\r\n \r\n'.repeat(60_000)

test.each([
  ['/graphql', /^HTTP\/1\.1 400 [^]*\{"errors":\[\{"message":"The body comes in too many chunks; /],
  ['/graphql/stream', /^HTTP\/1\.1 400 [^]*\{"errors":\[\{"message":"The body comes in too many chunks; /],
  [NOTIFY, /^HTTP\/1\.1 400 [^]*\{"code":"FAIL"/],
  ['/', /^HTTP\/1\.1 \d+ /],
])(
  'a body in far too many chunks for %s is not read to its end, and the connection is closed',
  async (path, answer) => {
    const gateway = await openGateway()
    const { socket, received, closed } = await bareConnection(gateway.url)
    const head = headOf({ path, authorization: keyOf(gateway), bytes: 0 })
    // The body has no end, and a request has 15 seconds to arrive: only the gateway can end this connection.
    socket.write(head.replace('content-length: 0', 'transfer-encoding: chunked') + ONE_BYTE_CHUNKS)
    await closed
    expect(received()).toMatch(answer)
  },
  12_000,
)
