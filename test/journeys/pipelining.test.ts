import { expect, test } from 'vitest'
import { bareConnection, requestHead } from '../support/bare-connection.ts'
import { openGateway } from '../support/gateway.ts'

const numbered = (number: number): string => requestHead(`GET /nothing-${number}`, {})
const statuses = (text: string): readonly string[] => text.match(/HTTP\/1\.1 \d+/g) ?? []

/** A query, whose answer tells which one it is. */
function operation(number: number, headers: Readonly<Record<string, string>> = {}): string {
  const body = JSON.stringify({ query: `{ a${number}: __typename }` })
  const type = { 'content-type': 'application/json', 'content-length': body.length }
  return requestHead('POST /graphql', { ...type, ...headers }) + body
}

test('requests that are sent without waiting for the answers are all answered, in their order', async () => {
  const { url } = await openGateway()
  const { socket, received } = await bareConnection(url)
  for (let round = 1; round <= 3; round += 1) {
    const requests = Array.from({ length: 17 }, (_, index) => operation(index + 1))
    const before = received().length
    socket.write(requests.join(''))
    await expect.poll(() => statuses(received())).toHaveLength(17 * round)
    await expect.poll(() => received().slice(before)).toContain('a17')
    const answered = [
      ...received()
        .slice(before)
        .matchAll(/"a(\d+)":"Query"/g),
    ].map(([, number]) => Number(number))
    expect(answered).toEqual(Array.from({ length: 17 }, (_, index) => index + 1))
  }
})

test('a request that closes its connection is answered after the one before it', async () => {
  const { url } = await openGateway()
  const { socket, received, closed } = await bareConnection(url)
  socket.write(operation(1) + operation(2, { connection: 'close' }))
  await closed
  expect(received().match(/"a\d"/g)).toEqual(['"a1"', '"a2"'])
})

test.each([
  ['good requests', numbered(1)],
  ['requests without a host', numbered(1).replace('host: gateway\r\n', '')],
  ['requests with an unknown expectation', requestHead('GET /', { expect: 'something' })],
])('a connection with far too many unanswered requests is closed: %s', async (_what, request) => {
  const { url } = await openGateway()
  const { socket, received, closed } = await bareConnection(url)
  socket.write(request.repeat(1000))
  await closed
  expect(statuses(received()).length).toBeLessThanOrEqual(17)
})

test('a request without a host is answered 400, and one with an unknown expectation 417', async () => {
  const { url } = await openGateway()
  for (const [request, status] of [
    [numbered(1).replace('host: gateway\r\n', ''), 400],
    [requestHead('GET /', { expect: 'something' }), 417],
    [requestHead('GET /healthz', { expect: '100-continue' }), 100],
  ] as const) {
    const { socket, received } = await bareConnection(url)
    socket.write(request)
    await expect.poll(received).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  }
})
