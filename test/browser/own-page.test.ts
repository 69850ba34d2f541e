import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { chromiumPath, openPage, PHONE } from '../support/chromium.ts'
import { openGateway } from '../support/gateway.ts'
import { paidNotice, post } from '../support/notification.ts'
import { payableOrder } from '../support/orders.ts'

/** A merchant's page without a build step: everything that it needs of Paybell comes from the gateway. */
function merchantPage(gatewayUrl: string, accessToken: string): string {
  return `<!doctype html><title>Shop</title><p id="status">…</p><script type="module">
    import { watchOrder } from '${gatewayUrl}/client.js'
    const show = ({ status }) => { document.querySelector('#status').textContent = status }
    watchOrder({ url: '${gatewayUrl}', token: '${accessToken}', onChange: show })
  </script>`
}

async function serve(html: string): Promise<string> {
  const server = createServer((_request, response) =>
    response.setHeader('content-type', 'text/html').end(html),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  return `http://127.0.0.1:${port}`
}

describe.skipIf(chromiumPath === undefined)("a merchant's own page at another address", () => {
  test('takes the client from the gateway, and rings', async () => {
    const gateway = await openGateway()
    const { order, accessToken } = await payableOrder(gateway)
    const { page } = await openPage(PHONE)
    await page.goto(await serve(merchantPage(gateway.url, accessToken)))
    await page.getByText('PENDING').waitFor()
    await post(gateway, paidNotice(gateway, order))
    await page.getByText('PAID').waitFor()
    expect(await page.locator('#status').textContent()).toBe('PAID')
  }, 180_000)
})

test('the client comes as a compressed module that a browser may keep for a while', async () => {
  const { url } = await openGateway()
  const ask = (headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${url}/client.js`, {
      headers: { 'accept-encoding': 'br', origin: 'https://tea.example', ...headers },
    })
  const first = await ask()
  expect(first.status).toBe(200)
  expect(Object.fromEntries(first.headers)).toMatchObject({
    'content-type': expect.stringContaining('text/javascript'),
    'content-encoding': 'br',
    'access-control-allow-origin': '*',
    'cache-control': 'public,max-age=3600',
    'x-content-type-options': 'nosniff',
  })
  const again = await ask({ 'if-none-match': first.headers.get('etag') ?? '' })
  expect(again.status).toBe(304)
})
