import { expect, test } from 'vitest'
import { bareConnection, requestHead } from '../support/bare-connection.ts'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { paidNotice } from '../support/notification.ts'
import { createdOrder, payableOrder, readOrder } from '../support/orders.ts'

/** What Java's HttpClient sends with its first request to an `http:` address. */
const H2C = {
  connection: 'Upgrade, HTTP2-Settings',
  upgrade: 'h2c',
  'http2-settings': 'AAEAAEAAAAIAAAABAAMAAABk',
}

/** Posts twice on one connection, the second time without an offer; resolves with both status codes and all that came. */
async function postTwice(
  { url }: TestGateway,
  path: string,
  { body, headers }: { body: string; headers: object },
) {
  const { socket, received } = await bareConnection(url)
  const all = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers }
  const statuses = () => [...received().matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status))
  socket.write(requestHead(`POST ${path}`, { ...all, ...H2C }) + body)
  await expect.poll(statuses).toHaveLength(1)
  socket.write(requestHead(`POST ${path}`, all) + body)
  await expect.poll(statuses).toHaveLength(2)
  return { statuses: statuses(), received: received() }
}

test('an operation that offers HTTP/2 is answered over HTTP/1.1, and its connection is kept', async () => {
  const gateway = await openGateway()
  const { order } = await createdOrder(gateway)
  const authorization = `Bearer ${gateway.merchant.apiKey}`
  const body = JSON.stringify({ query: `{ order(id: "${order.id}") { outTradeNo } }` })
  const { statuses, received } = await postTwice(gateway, '/graphql', { body, headers: { authorization } })
  expect(statuses).toEqual([200, 200])
  expect(received).toContain(order.outTradeNo)
})

test('a notification that offers HTTP/2 is acknowledged', async () => {
  const gateway = await openGateway()
  const { order } = await payableOrder(gateway)
  const { headers, body } = paidNotice(gateway, order)
  const path = '/notify/wechatpay/v3/acme'
  const { statuses } = await postTwice(gateway, path, { body, headers: Object.fromEntries(headers) })
  expect(statuses).toEqual([204, 204])
  expect(await readOrder(gateway, order.id)).toMatchObject({ status: 'PAID' })
})
