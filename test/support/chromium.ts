import { existsSync } from 'node:fs'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { onTestFinished } from 'vitest'

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The Chromium of this machine; undefined when there is none. */
export const chromiumPath = CANDIDATES.find((path) => existsSync(path))

/** Runs as root, and never calls home. */
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

/** A phone as most payers have one. */
export const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
  locale: 'zh-CN',
}

async function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath ?? '', args: CHROMIUM_FLAGS })
}

/** A page in a real browser, closed after the test. What the page complains about is in `complaints`. */
export async function openPage(
  options: BrowserContextOptions = PHONE,
): Promise<{ readonly page: Page; readonly complaints: readonly string[] }> {
  const browser = await launch()
  onTestFinished(() => browser.close())
  const context = await browser.newContext(options)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${message.text()} ${message.location().url}`)
  })
  return { page, complaints }
}
