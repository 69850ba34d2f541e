import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { answeringServer, sendJson } from '../../../test/support/answering-server.ts'
import { createShop } from './shop.ts'

const API_KEY = 'a-merchant-key-that-nobody-may-see'
const SUCCESS = { data: { createOrder: { __typename: 'CreateOrderSuccess', accessToken: 'token-1' } } }

test('an order is answered with where to pay', async () => {
  const { buy, gateway } = await openShop([SUCCESS])
  const { status, body } = await buy({ sku: 'longjing', quantity: 2 })
  expect(status).toBe(201)
  expect(body).toEqual({
    payUrl: `${gateway.url}/pay/token-1`,
    gatewayUrl: gateway.url,
    accessToken: 'token-1',
    outTradeNo: expect.stringMatching(/^[\w-]{6,32}$/),
  })
})

test('the price comes from the catalogue and the key from the shop', async () => {
  const { buy, gateway } = await openShop([SUCCESS])
  await buy({ sku: 'longjing', quantity: 2 })
  expect(gateway.seen[0]?.authorization).toBe(`Bearer ${API_KEY}`)
  expect(gateway.seen[0]?.input).toMatchObject({
    amount: { total: 5_600, currency: 'CNY' },
    payment: { wechatpay: { openid: expect.stringMatching(/^demo-[0-9a-f]{24}$/) } },
  })
})

test.each<[string, unknown]>([
  ['a price of its own', { sku: 'longjing', quantity: 1, price: 1 }],
  ['a tea that is not sold here', { sku: 'coffee', quantity: 1 }],
  ['no piece at all', { sku: 'longjing', quantity: 0 }],
  ['half a piece', { sku: 'longjing', quantity: 0.5 }],
  ['too many pieces', { sku: 'longjing', quantity: 10 }],
  ['something that is no order', 'tea'],
])('an order with %s is refused and never reaches the gateway', async (_, order) => {
  const { buy, gateway } = await openShop([SUCCESS])
  const { status, body } = await buy(order)
  expect([status, body]).toMatchObject([400, { error: { code: 'INVALID_ORDER' } }])
  expect(gateway.seen).toEqual([])
})

test('a body that is too large is refused', async () => {
  const { buy } = await openShop([SUCCESS])
  const { status } = await buy({ sku: 'x'.repeat(2_000), quantity: 1 })
  expect(status).toBe(413)
})

test('a form of another site cannot order', async () => {
  const { buy } = await openShop([SUCCESS])
  const { status } = await buy({ sku: 'longjing', quantity: 1 }, { 'content-type': 'text/plain' })
  expect(status).toBe(415)
})

test.each([
  [refusal('InvalidInput'), 422, 'PAYMENT_REFUSED'],
  [refusal('PlatformRefused'), 502, 'PAYMENT_REFUSED'],
  [refusal('OutTradeNoConflict'), 409, 'TRY_AGAIN'],
  [refusal('PlatformUnavailable'), 503, 'TRY_AGAIN'],
  [{ errors: [{ message: 'no', extensions: { code: 'UNAUTHENTICATED' } }] }, 500, 'SHOP_MISCONFIGURED'],
  [{ errors: [{ message: 'no', extensions: { code: 'INTERNAL_SERVER_ERROR' } }] }, 503, 'TRY_AGAIN'],
  ['not GraphQL', 503, 'TRY_AGAIN'],
])('%j becomes %i %s with a sentence', async (answer, expectedStatus, code) => {
  const { buy } = await openShop([answer])
  const { status, body } = await buy({ sku: 'longjing', quantity: 1 })
  expect([status, body]).toEqual([expectedStatus, { error: { code, message: expect.stringMatching(/\.$/) } }])
})

test('a lost answer is asked for again under the same order number', async () => {
  const { buy, gateway } = await openShop([refusal('PlatformUnavailable'), SUCCESS])
  const { status } = await buy({ sku: 'longjing', quantity: 1 })
  expect(status).toBe(201)
  expect(gateway.seen[1]?.input).toEqual(gateway.seen[0]?.input)
})

test('a gateway that is down is a sentence, too', async () => {
  const { buy, gateway } = await openShop([])
  gateway.close()
  const { status, body } = await buy({ sku: 'longjing', quantity: 1 })
  expect([status, body]).toMatchObject([503, { error: { code: 'TRY_AGAIN' } }])
})

test('a visitor stays the same customer', async () => {
  const { buy, gateway } = await openShop([SUCCESS])
  const first = await buy({ sku: 'longjing', quantity: 1 })
  const cookie = first.headers.get('set-cookie') ?? ''
  expect(cookie).toMatch(/; httponly/i)
  await buy({ sku: 'longjing', quantity: 1 }, { cookie: cookie.slice(0, cookie.indexOf(';')) })
  expect(gateway.seen[1]?.input['payment']).toEqual(gateway.seen[0]?.input['payment'])
})

test('neither an answer nor the log has the key or the customer', async () => {
  const lines: string[] = []
  const { buy, gateway } = await openShop([SUCCESS, refusal('PlatformRefused')], (line) => lines.push(line))
  const answers = [await buy({ sku: 'longjing', quantity: 1 }), await buy({ sku: 'longjing', quantity: 1 })]
  const openid = JSON.stringify(gateway.seen[0]?.input['payment'])
  const told = lines.join('\n') + JSON.stringify(answers.map(({ body }) => body))
  expect(lines).toHaveLength(2)
  expect(told).not.toContain(API_KEY)
  expect(told).not.toContain(/demo-\w+/.exec(openid)?.[0])
})

test('the page is served under a strict policy, its assets for ever', async () => {
  const { url } = await openShop([])
  const page = await fetch(url)
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(page.headers.get('cache-control')).toBe('no-cache')
  expect(await page.text()).toBe('<h1>Tea</h1>')
  const asset = await fetch(`${url}/assets/shop/main-1.js`)
  expect(asset.headers.get('cache-control')).toContain('immutable')
  expect((await fetch(`${url}/nothing-here`)).status).toBe(404)
})

test.each(['/', '/assets/shop/main-1.js', '/api/orders'])(
  '%s is refused under a foreign Host header',
  async (path) => {
    const { url, gateway } = await openShop([SUCCESS])
    const { port } = new URL(url)
    const statusUnder = (host: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const method = path.startsWith('/api') ? 'POST' : 'GET'
        const headers = { host, 'content-type': 'application/json' }
        const sent = request(`${url}${path}`, { method, headers, agent: false }, (response) => {
          response.destroy()
          resolve(response.statusCode ?? 0)
        })
        sent.on('error', reject).end(method === 'POST' ? '{"sku":"longjing","quantity":1}' : '')
      })
    expect(await statusUnder(`foreign.example:${port}`)).toBe(403)
    expect(gateway.seen).toEqual([])
    for (const host of [`localhost:${port}`, 'tea.example']) expect(await statusUnder(host)).toBeLessThan(300)
  },
)

test('a page that was not built stops the start', () => {
  expect(() => createShop({ gatewayUrl: '', apiKey: '', pagesDir: '/nowhere' })).toThrow('not built')
})

interface Seen {
  readonly authorization: string | undefined
  readonly input: Readonly<Record<string, unknown>>
}

function refusal(kind: string) {
  return { data: { createOrder: { __typename: kind, message: 'The gateway says why.' } } }
}

async function openShop(answers: readonly unknown[], log: (line: string) => void = () => undefined) {
  const gateway = await openGateway(answers)
  const pagesDir = await mkdtemp(join(tmpdir(), 'shop-'))
  await writeFile(join(pagesDir, 'index.html'), '<h1>Tea</h1>')
  await writeFile(join(pagesDir, 'main-1.js'), '1')
  const shop = createShop({
    gatewayUrl: gateway.url,
    apiKey: API_KEY,
    pagesDir,
    publicUrl: 'https://tea.example',
    log,
  })
  const url = await shop.listen(0, '127.0.0.1')
  onTestFinished(async () => {
    await shop.close()
    await rm(pagesDir, { recursive: true })
  })
  const buy = async (order: unknown, headers: Readonly<Record<string, string>> = {}) => {
    const response = await fetch(`${url}/api/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(order),
    })
    const body: unknown = await response.json()
    return { status: response.status, headers: response.headers, body }
  }
  return { url, buy, gateway }
}

/** Gives the answers in turn, the last one for ever. */
async function openGateway(answers: readonly unknown[]) {
  const seen: Seen[] = []
  const answerNext = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = await request.toArray()
    const { variables } = JSON.parse(Buffer.concat(chunks).toString()) as { variables: Pick<Seen, 'input'> }
    const answer = answers[Math.min(seen.length, answers.length - 1)]
    seen.push({ authorization: request.headers.authorization, input: variables.input })
    sendJson(response, answer)
  }
  return { ...(await answeringServer(answerNext)), seen }
}
