import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { listen } from '../../src/operations/front-door.ts'
import { freshDatabaseUri, rowsOf } from '../support/database.ts'
import { openGateway } from '../support/gateway.ts'
import { paidNotice, post, type Notice } from '../support/notification.ts'
import { payableOrder, readOrder } from '../support/orders.ts'
import { recordedLog } from '../support/recorded-log.ts'
import { expectFail, expectNothingKept } from '../support/refusals.ts'
import { slowDatabase } from '../support/slow-database.ts'

/** Sends a callback up to the middle of its body, and is gone. */
async function breakOff(url: string, { headers, body }: Notice): Promise<void> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  const lines = [
    'POST /notify/wechatpay/v3/acme HTTP/1.1',
    `Host: ${hostname}:${port}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body.slice(0, body.length / 2)}`, () => socket.destroy())
  await once(socket, 'close')
}

test('a callback that breaks off is kept nowhere, and its next delivery counts', async () => {
  const { log, lines } = recordedLog()
  const gateway = await openGateway({ log })
  const { order } = await payableOrder(gateway)
  const notice = paidNotice(gateway, order)
  await breakOff(gateway.url, notice)
  const incomplete = expect.objectContaining({ situation: 'BODY_INCOMPLETE', status: 400 })
  await expect.poll(() => lines).toContainEqual(expect.objectContaining({ fields: incomplete }))
  await expectNothingKept(gateway)
  expect(await readOrder(gateway, order.id)).toEqual(order)
  expect(await post(gateway, notice)).toMatchObject({ status: 204 })
  expect(await readOrder(gateway, order.id)).toMatchObject({ status: 'PAID', seq: 3 })
})

test('a database that is slow at each step costs the platform no time-out, and nothing is lost', async () => {
  const slowed = ['findAndModify', 'find'].map((command) => `${command}\0`)
  let isSlow = false
  const uri = freshDatabaseUri()
  const databaseUri = await slowDatabase(uri, (text) =>
    isSlow && slowed.some((command) => text.includes(command)) ? 3000 : 0,
  )
  const gateway = await openGateway({ databaseUri, roundPauses: { orders: 3_600_000, inbox: 3_600_000 } })
  const { order } = await payableOrder(gateway)
  const notice = paidNotice(gateway, order)
  isSlow = true
  expectFail(gateway, await post(gateway, notice), 503)
  isSlow = false
  expect(await post(gateway, notice)).toMatchObject({ status: 204 })
  expect(await readOrder(gateway, order.id)).toMatchObject({ status: 'PAID', seq: 3 })
})

test('a gateway that is shutting down takes nothing in, and the next one does', async () => {
  const gateway = await openGateway()
  const { order } = await payableOrder(gateway)
  const door = await listen({ host: '127.0.0.1', port: 0 })
  const app = await createApp(gateway.parts)
  door.open(app.attach)
  onTestFinished(async () => {
    await Promise.all([door.close(), app.close()])
  })
  await app.drain()
  const leaving = { ...gateway, url: `http://127.0.0.1:${door.port}` }
  const notice = paidNotice(gateway, order)
  expectFail(gateway, await post(leaving, notice), 503)
  expect(await rowsOf(gateway.databaseUri, 'notifications')).toEqual([])
  expect(await post(gateway, notice)).toMatchObject({ status: 204 })
})
