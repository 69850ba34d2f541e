import { request } from 'node:http'
import { expect, it } from 'vitest'
import { createSimulator } from './simulator.ts'
import type { Simulator } from './simulator.ts'
import { merchant, placeOrder, shareSimulator, startSimulator } from './testing/merchant.ts'

const payPath = `/sandbox/orders/${merchant.mchId}/T20260101000001/pay`

type Asked = {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** The status of an answer; `fetch` does not allow the headers that a browser sets. */
const statusOf = ({ url }: Pick<Simulator, 'url'>, path: string, asked: Asked = {}): Promise<number> =>
  new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body = '' } = asked
    const sent = request(`${url}${path}`, { method, headers, agent: false }, (response) => {
      response.destroy()
      resolve(response.statusCode ?? 0)
    })
    sent.on('error', reject).end(body)
  })

const foreign = [
  { origin: 'https://foreign.example' },
  { origin: 'null' },
  { origin: 'http://localhost:1' },
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
]

it.each(foreign)('a page of another origin (%o) can neither pay nor read the state', async (headers) => {
  const simulator = await startSimulator()
  await placeOrder(simulator)
  const asked = { headers: { 'content-type': 'application/json', ...headers }, body: '{}' }
  expect(await statusOf(simulator, payPath, { method: 'POST', ...asked })).toBe(403)
  expect(await statusOf(simulator, payPath, { method: 'POST', headers })).toBe(403)
  expect(await statusOf(simulator, '/sandbox/faults', { method: 'POST', ...asked })).toBe(403)
  for (const path of ['/sandbox/state', '/sandbox/events', '/sandbox/faults']) {
    expect(await statusOf(simulator, path, { headers })).toBe(403)
  }
  expect(simulator.orders()).toMatchObject([{ state: 'NOTPAY' }])
})

it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', ''])(
  'a body of type %j, which needs no preflight, is refused',
  async (type) => {
    const simulator = await startSimulator()
    await placeOrder(simulator)
    const asked = { method: 'POST', headers: { 'content-type': type }, body: '{}' }
    for (const path of [payPath, '/sandbox/faults', '/client/cashier', '/client/pay']) {
      expect([path, await statusOf(simulator, path, asked)]).toEqual([path, 415])
    }
    expect(simulator.orders()).toMatchObject([{ state: 'NOTPAY' }])
  },
)

const simulatorOf = shareSimulator()

it('its own page and programs are served', async () => {
  const simulator = simulatorOf()
  await placeOrder(simulator)
  const { host, origin } = new URL(simulator.url)
  const own = {
    host,
    origin,
    'sec-fetch-site': 'same-origin',
    'content-type': 'application/json; charset=utf-8',
  }
  expect(await statusOf(simulator, '/sandbox/events', { headers: { 'sec-fetch-site': 'none' } })).toBe(200)
  expect(await statusOf(simulator, payPath, { method: 'POST', headers: own, body: '{}' })).toBe(200)
})

it('its page and /sandbox are refused under a foreign Host header', async () => {
  const simulator = simulatorOf()
  const { port } = new URL(simulator.url)
  for (const path of ['/', '/sandbox/state', '/sandbox/events']) {
    expect(await statusOf(simulator, path, { headers: { host: `foreign.example:${port}` } })).toBe(403)
    expect(await statusOf(simulator, path, { headers: { host: `localhost:${port}` } })).not.toBe(403)
  }
  const headers = { host: 'foreign.example', 'content-type': 'application/json' }
  expect(await statusOf(simulator, payPath, { method: 'POST', headers, body: '{}' })).toBe(403)
})

it('accepts the host of its public URL, and any address', async () => {
  const options = { merchants: [merchant], host: '0.0.0.0', publicUrl: 'https://pay.example/simulator' }
  const simulator = await createSimulator(options)
  const url = simulator.url.replace('0.0.0.0', '127.0.0.1')
  const under = (host: string): Promise<number> => statusOf({ url }, '/sandbox/state', { headers: { host } })
  expect(await Promise.all(['pay.example', '127.0.0.1', '192.0.2.1', '0.0.0.0'].map(under))).toEqual([
    200, 200, 200, 200,
  ])
  expect(await under('pay.example.foreign.example')).toBe(403)
  await simulator.close()
})
