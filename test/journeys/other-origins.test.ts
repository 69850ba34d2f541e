import { hostname } from 'node:os'
import { expect, test } from 'vitest'
import { openGateway, type TestGateway } from '../support/gateway.ts'
import { askUnderName } from '../support/host-header.ts'
import { freshTradeNo, payableOrder } from '../support/orders.ts'
import { rowsOf } from '../support/database.ts'

const HTML = 'text/html,application/xhtml+xml,*/*;q=0.8'
const KEY = 'demo_merchant_key_of_the_sandbox'
const FOREIGN_ORIGIN = 'https://foreign.example'

const openSandbox = () =>
  openGateway({
    sandbox: {
      bridgeScript: 'http://127.0.0.1:1/bridge.js',
      merchantKey: KEY,
      hosts: ['127.0.0.1', 'pay.example'],
    },
  })

test('pages of the gateway have no CORS headers', async () => {
  const { url } = await openSandbox()
  const playground = await (await fetch(`${url}/graphql`, { headers: { accept: HTML } })).text()
  expect(playground).toContain(KEY)
  const [asset = ''] = /\/assets\/playground\/[\w./-]+/.exec(playground) ?? []
  for (const path of ['/graphql', '/graphql?x=1', '/', '/pay/token', asset]) {
    const { status, headers } = await fetch(`${url}${path}`, {
      headers: { accept: HTML, origin: FOREIGN_ORIGIN },
    })
    expect([path, status]).toEqual([path, 200])
    expect([path, headers.get('access-control-allow-origin')]).toEqual([path, null])
  }
})

test('pages of any origin can use the API and load the client', async () => {
  const gateway = await openSandbox()
  const { order, accessToken } = await payableOrder(gateway)
  const headers = { authorization: `Bearer ${accessToken}`, origin: FOREIGN_ORIGIN }
  const json = { ...headers, 'content-type': 'application/json' }
  const body = JSON.stringify({ query: '{ __typename }' })
  const answers = await Promise.all([
    fetch(`${gateway.url}/graphql`, { method: 'POST', headers: json, body }),
    fetch(`${gateway.url}/graphql/stream`, { method: 'POST', headers: json, body }),
    fetch(`${gateway.url}/orders/${order.id}/events?wait=0`, { headers }),
    fetch(`${gateway.url}/client.js`, { headers }),
  ])
  const preflight = await fetch(`${gateway.url}/graphql`, {
    method: 'OPTIONS',
    headers: {
      origin: FOREIGN_ORIGIN,
      accept: HTML,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  })
  for (const { ok, url, headers } of [...answers, preflight]) {
    expect([url, ok, headers.get('access-control-allow-origin')]).toEqual([url, true, '*'])
  }
})

test('a page of another origin that is refused for a while can read for how long', async () => {
  const gateway = await openGateway({ operationLimits: { costSavedUp: 30, costPerSecond: 0.1 } })
  const { order, accessToken } = await payableOrder(gateway)
  const headers = {
    authorization: `Bearer ${accessToken}`,
    origin: FOREIGN_ORIGIN,
    'content-type': 'application/json',
  }
  const asked = { method: 'POST', headers, body: JSON.stringify({ query: '{ order { id } }' }) }
  const answers = await Promise.all([
    fetch(`${gateway.url}/graphql`, asked),
    fetch(`${gateway.url}/graphql/stream`, asked),
    fetch(`${gateway.url}/orders/${order.id}/events`, { headers }),
  ])
  for (const { status, headers, url } of answers) {
    expect([url, status, headers.get('access-control-expose-headers')]).toEqual([url, 429, 'Retry-After'])
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  }
})

const underName = ({ url }: TestGateway, host: string) =>
  askUnderName(`${url}/graphql`, { host, accept: HTML })

test('the sandbox serves its playground under addresses and its own names only', async () => {
  const gateway = await openSandbox()
  const { port } = new URL(gateway.url)
  const own = [`localhost:${port}`, 'a.localhost', hostname(), 'PAY.example:80']
  for (const host of [...own, '127.0.0.1', `[::1]:${port}`, '0.0.0.0', '192.0.2.1']) {
    const { status, text } = await underName(gateway, host)
    expect([host, status]).toEqual([host, 200])
    expect(text).toContain(KEY)
  }
  const others = ['foreign.example', `127.0.0.1.foreign.example:${port}`, 'localhost.foreign.example']
  for (const host of [...others, 'x@127.0.0.1', 'pay.example.']) {
    const { status, text } = await underName(gateway, host)
    expect([host, status]).toEqual([host, 403])
    expect(text).not.toContain(KEY)
  }
})

test('a gateway with merchants serves its playground under any name', async () => {
  const gateway = await openGateway()
  expect(await underName(gateway, 'pay.merchant.example')).toMatchObject({ status: 200 })
})

const CREATE = `mutation { createOrder(input: { outTradeNo: "TRADE_NO", description: "tea", amount: { total: 1 } }) { __typename } }`

test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
  'an operation of type %s, which needs no preflight, is not executed',
  async (type) => {
    const gateway = await openGateway()
    const query = CREATE.replace('TRADE_NO', freshTradeNo())
    for (const path of ['/graphql', '/graphql/stream']) {
      const response = await fetch(`${gateway.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': type, authorization: `Bearer ${gateway.merchant.apiKey}` },
        body: JSON.stringify({ query }),
      })
      expect([400, 415]).toContain(response.status)
    }
    const address = `${gateway.url}/graphql?query=${encodeURIComponent(query)}`
    const headers = { authorization: `Bearer ${gateway.merchant.apiKey}` }
    expect((await fetch(address, { headers })).ok).toBe(false)
    expect(await rowsOf(gateway.databaseUri, 'orders')).toEqual([])
  },
)
