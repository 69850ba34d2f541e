import { request } from 'node:http'
import { expect, test } from 'vitest'
import { databaseAt, freshDatabaseUri } from '../support/database.ts'
import { openGateway } from '../support/gateway.ts'
import { graphql } from '../support/graphql.ts'
import { paidNotice, post } from '../support/notification.ts'
import { payableOrder, readOrder } from '../support/orders.ts'

const PAGES = ['/', '/graphql', '/graphql/stream', '/pay/x', '/client.js', '/orders/ord_1/events'] as const

async function ask(url: string, path: string, method = 'GET') {
  const response = await fetch(`${url}${path}`, { method })
  return { status: response.status, body: await response.text() }
}

test('a process for notifications serves nothing else, and says so', async () => {
  const gateway = await openGateway({ role: 'notify' })
  for (const path of PAGES) {
    const { status, body } = await ask(gateway.url, path)
    expect(status).toBe(404)
    expect(JSON.parse(body)).toEqual({
      message:
        'This process only receives notifications (ROLE=notify); GraphQL and pages are served by one with ROLE pages or all.',
    })
  }
  expect((await ask(gateway.url, '/graphql', 'POST')).status).toBe(404)
  expect((await ask(gateway.url, '/healthz')).status).toBe(200)
  expect((await ask(gateway.url, '/readyz')).status).toBe(200)
})

test('a process for notifications has no WebSocket', async () => {
  const gateway = await openGateway({ role: 'notify' })
  const headers = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' }
  const status = await new Promise((resolve, reject) => {
    request(`${gateway.url}/graphql`, { headers, agent: false })
      .on('response', (response) => resolve(response.resume().statusCode))
      .on('upgrade', () => reject(new Error('There is one.')))
      .on('error', reject)
      .end()
  })
  expect(status).toBe(404)
})

test('a process for pages receives no notifications, and says so in the platform’s form', async () => {
  const gateway = await openGateway({ role: 'pages' })
  const { order } = await payableOrder(gateway)
  expect(await post(gateway, paidNotice(gateway, order))).toEqual({
    status: 404,
    body: {
      code: 'FAIL',
      message:
        'This process does not receive notifications (ROLE=pages); send them to one with ROLE notify or all.',
    },
  })
  expect((await ask(gateway.url, '/healthz')).status).toBe(200)
  expect((await ask(gateway.url, '/readyz')).status).toBe(200)
})

test('what a process for notifications takes in is seen at a process for pages', async () => {
  const pages = await openGateway({ role: 'pages' })
  const { databaseUri, parts } = pages
  const { merchants, operators, tokenSecrets } = parts
  const notify = await openGateway({ databaseUri, merchants, operators, tokenSecrets, role: 'notify' })
  const { order, accessToken } = await payableOrder(pages)
  const notice = paidNotice(pages, order)
  expect(await post({ ...pages, url: notify.url }, notice)).toMatchObject({ status: 204 })
  expect(await readOrder(pages, order.id)).toMatchObject({ status: 'PAID' })
  const { data } = await graphql(pages.url, accessToken, { query: '{ order { status } }' })
  expect(data).toEqual({ order: { status: 'PAID' } })
})

test('paths are spelt in one way, so that no process serves what another one should', async () => {
  const gateway = await openGateway({ role: 'pages' })
  for (const path of ['/NOTIFY/wechatpay/v3/acme', '/notify/WECHATPAY/v3/acme']) {
    expect((await fetch(`${gateway.url}${path}`, { method: 'POST', body: '{}' })).status).toBe(404)
  }
})

test.each([
  ['notify', true],
  ['all', true],
  ['pages', false],
] as const)('in a process with ROLE %s due orders are looked for: %s', async (role, isLookedFor) => {
  const databaseUri = freshDatabaseUri()
  const database = await databaseAt(databaseUri)
  let looks = 0
  const due: typeof database.orders.due = async () => {
    looks += 1
    return []
  }
  const { notifications: stores } = database
  const notifications = { ...stores, orders: { ...stores.orders, due } }
  const gateway = await openGateway({ role, databaseUri, database: { ...database, notifications } })
  await gateway.stop()
  expect(looks > 0).toBe(isLookedFor)
})
