import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chromium } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { CHROMIUM_FLAGS, chromiumPath } from '../support/chromium.ts'
import { openGateway } from '../support/gateway.ts'
import { payableOrder, readOrder } from '../support/orders.ts'

const KEY = 'demo_merchant_key_of_the_sandbox'

/** A gateway and a simulator as in the sandbox, and an order that can be paid. */
async function openSandbox() {
  const sandbox = { bridgeScript: 'http://127.0.0.1:1/bridge.js', merchantKey: KEY, hosts: [] }
  const gateway = await openGateway({ sandbox })
  const { order } = await payableOrder(gateway)
  const path = `/sandbox/orders/${gateway.merchant.mchId}/${order.outTradeNo}/pay`
  return { gateway, order, payUrl: `${gateway.simulator.url}${path}` }
}

/** A page of another origin on the same machine: the same site for the browser. */
async function foreignPage(): Promise<string> {
  const server = createServer((_request, response) =>
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>Foreign</title>'),
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

/** A browser in which the name `foreign.test` resolves to this machine. */
async function openBrowserPage() {
  const browser = await chromium.launch({
    executablePath: chromiumPath ?? '',
    args: [...CHROMIUM_FLAGS, '--host-resolver-rules=MAP foreign.test 127.0.0.1'],
  })
  onTestFinished(() => browser.close())
  return browser.newPage()
}

const underOwnName = (url: string): string => url.replace('127.0.0.1', 'foreign.test')

/** In the page: what a script can read, or the error; `null` when it can send but not read. */
async function attempt([url, init]: readonly [string, RequestInit]): Promise<string | null> {
  try {
    const response = await fetch(url, init)
    return response.type === 'opaque' ? null : await response.text()
  } catch (error) {
    return String(error)
  }
}

describe.skipIf(chromiumPath === undefined)('a page of another origin, in a real browser', () => {
  test('cannot read the key and cannot pay', async () => {
    const { gateway, order, payUrl } = await openSandbox()
    const page = await openBrowserPage()
    await page.goto(await foreignPage())
    const tries = [
      [`${gateway.url}/graphql`, { headers: { accept: 'text/html' } }],
      [`${gateway.simulator.url}/sandbox/state`, {}],
      [payUrl, { method: 'POST', body: '{}' }],
      [payUrl, { method: 'POST', body: '{}', mode: 'no-cors' }],
      [payUrl, { method: 'POST', mode: 'no-cors' }],
      [payUrl, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }],
    ] as const
    for (const [url, init] of tries) {
      const got = await page.evaluate(attempt, [url, init] as const)
      expect(got ?? 'TypeError').toContain('TypeError')
    }
    // A form needs no preflight either, and navigates to the answer.
    await page.setContent(
      `<form method="post" enctype="text/plain" action="${payUrl}"><input name='{"a":"' value='"}'></form>`,
    )
    const answered = page.waitForResponse(payUrl)
    await page.evaluate('document.forms[0].submit()')
    expect((await answered).status()).toBe(403)
    expect(gateway.simulator.orders()).toMatchObject([{ state: 'NOTPAY' }])
    expect(await readOrder(gateway, order.id)).toMatchObject({ status: 'PENDING' })
  }, 180_000)

  test('is refused under a name of its own that resolves to this machine', async () => {
    const { gateway, payUrl } = await openSandbox()
    const page = await openBrowserPage()
    for (const url of [`${gateway.url}/graphql`, `${gateway.simulator.url}/`]) {
      expect((await page.goto(underOwnName(url)))?.status()).toBe(403)
      expect(await page.content()).not.toContain(KEY)
    }
    const init = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }
    expect(await page.evaluate(attempt, [underOwnName(payUrl), init] as const)).toContain(
      'SIMULATOR_PUBLIC_URL',
    )
    expect(gateway.simulator.orders()).toMatchObject([{ state: 'NOTPAY' }])
    expect((await page.goto(`${gateway.url}/graphql`))?.status()).toBe(200)
    expect(await page.content()).toContain(KEY)
  }, 180_000)
})
