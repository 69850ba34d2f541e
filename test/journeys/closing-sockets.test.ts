import { expect, test } from 'vitest'
import { bareConnection, requestHead, type BareConnection } from '../support/bare-connection.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'

/** The gateway closes a socket within a second; the default of its WebSocket library is 30 seconds. */
const WELL_AFTER_MS = 10_000

const UPGRADE = requestHead('GET /graphql', {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': 13,
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-protocol': 'graphql-transport-ws',
})
const NO_MESSAGE = Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x78])
const EMPTY_FRAME = Buffer.from([0x81, 0x80, 0, 0, 0, 0])
const EMPTY_PING = Buffer.from([0x89, 0x80, 0, 0, 0, 0])

async function openSocket({ url }: TestGateway): Promise<BareConnection> {
  const connection = await bareConnection(url)
  connection.socket.write(UPGRADE)
  await expect.poll(connection.received).toMatch(/^HTTP\/1\.1 101 [^]*\r\n\r\n/)
  return connection
}

/** Sends the same bytes for as long as they are read. */
function flood({ socket }: BareConnection, frame: Buffer): void {
  const frames = Buffer.alloc(10_000 * frame.length, frame)
  const more = (): void => {
    while (!socket.destroyed && socket.write(frames));
  }
  socket.on('drain', more)
  more()
}

async function closedInTime({ closed }: BareConnection): Promise<boolean> {
  const late = new Promise<false>((resolve) => setTimeout(resolve, WELL_AFTER_MS, false).unref())
  return Promise.race([closed.then(() => true), late])
}

test.each([
  ['empty messages', EMPTY_FRAME],
  ['pings', EMPTY_PING],
])(
  'a socket that the gateway closes is ended within seconds, although its client sends %s',
  async (_what, frame) => {
    const connection = await openSocket(await openGateway())
    connection.socket.write(NO_MESSAGE)
    await expect.poll(connection.received).toContain('Invalid message received')
    flood(connection, frame)
    expect(await closedInTime(connection)).toBe(true)
  },
  20_000,
)

test('a socket that says nothing, or only messages that are not read yet, is ended after its time-out', async () => {
  const gateway = await openGateway({ streamLimits: { initMs: 200 } })
  const silent = await openSocket(gateway)
  const flooding = await openSocket(gateway)
  await expect.poll(flooding.received).toContain('initialisation timeout')
  flood(flooding, EMPTY_FRAME)
  expect(await Promise.all([closedInTime(silent), closedInTime(flooding)])).toEqual([true, true])
}, 20_000)
