import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { chromium, type Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { CHROMIUM_FLAGS, chromiumPath } from './chromium.ts'

/** A browser whose tabs are really hidden and frozen when another one is in front, as on a phone. */
export interface PhoneTabs {
  readonly page: Page
  /** Puts another tab in front and freezes the page. Resolves with how to come back to it. */
  leave(): Promise<() => Promise<void>>
}

const ARGUMENTS = [...CHROMIUM_FLAGS, '--headless=new', '--remote-debugging-port=0']

/** Started by hand: the test library keeps every page of its own browsers visible and awake. */
async function startChromium(): Promise<string> {
  const profile = await mkdtemp(join(tmpdir(), 'paybell-chromium-'))
  onTestFinished(() => rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }))
  const chromium = spawn(chromiumPath ?? '', [...ARGUMENTS, `--user-data-dir=${profile}`, 'about:blank'])
  const ended = once(chromium, 'exit')
  onTestFinished(async () => {
    chromium.kill()
    await ended
  })
  for await (const line of createInterface(chromium.stderr)) {
    const [address] = /ws:\S+/.exec(line) ?? []
    if (address === undefined) continue
    chromium.stderr.resume()
    return address
  }
  throw new Error('Chromium ended without saying where it listens.')
}

/** Opens a browser with one tab; it is closed after the test. */
export async function openPhoneTabs(): Promise<PhoneTabs> {
  const browser = await chromium.connectOverCDP(await startChromium(), { noDefaults: true })
  onTestFinished(() => browser.close())
  const [context] = browser.contexts()
  if (context === undefined) throw new Error('Chromium has no window.')
  const page = await context.newPage()
  const devtools = await context.newCDPSession(page)
  return {
    page,
    async leave() {
      const other = await context.newPage()
      await other.bringToFront()
      await page.waitForFunction('document.visibilityState === "hidden"', undefined, { polling: 50 })
      await devtools.send('Page.setWebLifecycleState', { state: 'frozen' })
      return async () => {
        await devtools.send('Page.setWebLifecycleState', { state: 'active' })
        await page.bringToFront()
      }
    },
  }
}
