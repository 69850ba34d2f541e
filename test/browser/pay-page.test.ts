import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { close, payAtPlatform } from '../support/asking.ts'
import { chromiumPath } from '../support/chromium.ts'
import { paidNotice, post } from '../support/notification.ts'
import { type OpenPayPage, openPayPage, openPhonePage } from '../support/pay-page.ts'
import { openPhoneTabs } from '../support/phone-tabs.ts'

const TIMEOUT_MS = 120_000
/** Long before a connection is given up for its silence. */
const AT_ONCE_MS = 15_000

describe.skipIf(chromiumPath === undefined)('the pay page in a real browser ends at "paid"', () => {
  test(
    'after it was in the background and came back',
    async () => {
      const { page, leave } = await openPhoneTabs()
      await page.addInitScript(NOTE_LIFE)
      const { paid, gateway, order } = await openPayPage(page)
      const comeBack = await leave()
      await comeBack()
      await post(gateway, paidNotice(gateway, order))
      await paid('1-background')
      expect(await page.evaluate('life')).toEqual(['hidden', 'freeze', 'resume', 'visible'])
    },
    TIMEOUT_MS,
  )

  test(
    'after the phone lost its network, and found it again',
    async () => {
      const page = await openPhonePage()
      const swallow = await throughSwallower(page)
      const { paid, gateway, order } = await openPayPage(page)
      // The browser takes the network from new requests only; an open socket would go on.
      swallow()
      await page.context().setOffline(true)
      await expect.poll(() => page.evaluate('navigator.onLine')).toBe(false)
      await page.getByTestId('banner').filter({ hasText: '网络已断开' }).waitFor({ timeout: AT_ONCE_MS })
      await post(gateway, paidNotice(gateway, order))
      await page.context().setOffline(false)
      await paid('2-offline', AT_ONCE_MS)
    },
    TIMEOUT_MS,
  )

  test(
    'after the gateway was restarted',
    async () => {
      const { page, paid, gateway, order, watchers, stopGateway } = await openPayPage()
      const start = await stopGateway()
      await page.locator('[data-testid=state][data-connection=reconnecting]').waitFor()
      await start()
      await expect.poll(watchers, { timeout: 20_000 }).toBe(1)
      await post(gateway, paidNotice(gateway, order))
      await paid('3-restart')
    },
    TIMEOUT_MS,
  )

  test(
    'over SSE, where WebSockets are blocked',
    async () => {
      const page = await openPhonePage()
      const asked = countQuestions(page)
      await blockWebSockets(page)
      const opened = await openPayPage(page)
      // The gateway may have read the request before the browser has reported it.
      await expect.poll(asked).toEqual({ sse: 1, polls: 0 })
      await payAtCashier(opened)
      await opened.paid('4-sse')
      expect(asked()).toEqual({ sse: 1, polls: 0 })
    },
    TIMEOUT_MS,
  )

  test(
    'over long polling, where SSE is blocked too',
    async () => {
      const page = await openPhonePage()
      const asked = countQuestions(page)
      await blockWebSockets(page)
      await page.route('**/graphql/stream', (route) => route.abort())
      const opened = await openPayPage(page)
      await expect.poll(() => asked().polls).toBeGreaterThan(0)
      expect(asked().sse).toBe(2)
      await payAtCashier(opened)
      await opened.paid('5-long-poll')
    },
    TIMEOUT_MS,
  )

  test(
    'when the money arrives after the order was closed',
    async () => {
      const { page, paid, gateway, order } = await openPayPage()
      await close(gateway, order.id)
      await page.locator('[data-testid=state][data-state=closed]').waitFor()
      await payAtPlatform(gateway, order, { evenIfClosed: true })
      await paid('7-closed', AT_ONCE_MS)
    },
    TIMEOUT_MS,
  )

  test(
    'when the payment was made while it was away, and its connection died without a word',
    async () => {
      const { page, leave } = await openPhoneTabs()
      const swallow = await throughSwallower(page)
      const { paid, gateway, order } = await openPayPage(page)
      const comeBack = await leave()
      swallow()
      await post(gateway, paidNotice(gateway, order))
      await comeBack()
      await paid('6-away', AT_ONCE_MS)
    },
    TIMEOUT_MS,
  )
})

/** Makes the page note when it is hidden, shown, frozen and thawed. Runs in the page. */
const NOTE_LIFE = `{
  const life = (window.life = [])
  document.addEventListener('visibilitychange', () => life.push(document.visibilityState))
  for (const name of ['freeze', 'resume']) document.addEventListener(name, () => life.push(name))
}`

async function blockWebSockets(page: Page): Promise<void> {
  await page.routeWebSocket(/\/graphql$/, (socket) => socket.close())
}

/** Lets WebSockets through until the returned function is called: from then on, what is said on them is lost. */
async function throughSwallower(page: Page): Promise<() => void> {
  let isSwallowing = false
  await page.routeWebSocket(/\/graphql$/, (socket) => {
    const gateway = socket.connectToServer()
    socket.onMessage((message) => isSwallowing || gateway.send(message))
    gateway.onMessage((message) => isSwallowing || socket.send(message))
  })
  return () => {
    isSwallowing = true
  }
}

function countQuestions(page: Page): () => { readonly sse: number; readonly polls: number } {
  const asked = { sse: 0, polls: 0 }
  page.on('request', (request) => {
    const { pathname } = new URL(request.url())
    if (pathname === '/graphql/stream') asked.sse += 1
    if (pathname.startsWith('/orders/')) asked.polls += 1
  })
  return () => ({ ...asked })
}

async function payAtCashier({ page }: OpenPayPage): Promise<void> {
  await page.getByTestId('pay-button').click()
  await page.getByTestId('cashier-pay').click()
}
