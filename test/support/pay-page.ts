import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { createApp, type AppParts } from '../../src/app.ts'
import { createHub } from '../../src/live/hub.ts'
import { listen } from '../../src/operations/front-door.ts'
import { openPage, PHONE } from './chromium.ts'
import { freePort } from './free-port.ts'
import { openGateway, type TestGateway } from './gateway.ts'
import { payableOrder, type OrderView } from './orders.ts'

/** A pay page in a real browser, in front of a gateway that can be stopped and started. */
export interface OpenPayPage {
  readonly page: Page
  readonly gateway: TestGateway
  readonly order: OrderView
  /** How many watchers the gateway has. */
  watchers(): number
  /** Stops the gateway as for a new version. Resolves with how to start it again, at the same place. */
  stopGateway(): Promise<() => Promise<void>>
  /** Waits until the page shows the order as paid, in the same document as in the beginning, and takes a picture. */
  paid(name: string, withinMs?: number): Promise<void>
}

/** Pictures of how the pages ended, for people. */
const SHOTS_DIR = join(tmpdir(), 'shots-client')

async function serve(parts: Omit<AppParts, 'publicUrl'>, port: number) {
  const door = await listen({ host: '127.0.0.1', port })
  const url = `http://127.0.0.1:${door.port}`
  const hub = createHub()
  const app = await createApp({ ...parts, publicUrl: url, hub })
  door.open(app.attach)
  return {
    url,
    port: door.port,
    hub,
    async close() {
      app.leave()
      await Promise.all([door.close(), app.drain()])
      await app.close()
    },
  }
}

/** An empty page as on a phone. */
export async function openPhonePage(): Promise<Page> {
  const { page } = await openPage(PHONE)
  return page
}

/**
 * Loads the pay page of an order that can be paid into an empty page, a phone's unless another one is given, and waits
 * until it watches.
 */
export async function openPayPage(given?: Page): Promise<OpenPayPage> {
  const keeper = await openGateway()
  const { simulator, merchant, parts } = keeper
  const sandbox = {
    bridgeScript: `${simulator.url}/client/weixin-js-bridge.js`,
    merchantKey: merchant.apiKey,
    hosts: [],
  }
  let running = await serve({ ...parts, sandbox }, await freePort())
  onTestFinished(() => running.close())
  const { url, port } = running
  const gateway: TestGateway = { ...keeper, url }
  const { order, accessToken } = await payableOrder(gateway)
  const page = given ?? (await openPhonePage())
  await page.goto(`${url}/pay/${accessToken}`)
  await page.locator('[data-testid=state][data-state=waiting]').waitFor()
  await page.evaluate('window.isTheFirst = true')
  const watchers = (): number => running.hub.size
  await expect.poll(watchers, { timeout: 20_000 }).toBe(1)
  return {
    page,
    gateway,
    order,
    watchers,
    async stopGateway() {
      await running.close()
      return async () => {
        running = await serve({ ...parts, sandbox }, port)
      }
    },
    async paid(name, withinMs = 40_000) {
      await page.locator('[data-testid=state][data-state=paid]').waitFor({ timeout: withinMs })
      expect(await page.evaluate('window.isTheFirst')).toBe(true)
      await expect.poll(watchers).toBe(0)
      mkdirSync(SHOTS_DIR, { recursive: true })
      await page.screenshot({ path: join(SHOTS_DIR, `${name}.png`), animations: 'disabled' })
    },
  }
}
