import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readSettings, type Settings } from './settings.ts'
import { createShop, type Shop } from './shop.ts'

/** The pages are built into `dist/pages`; this file runs from the sources, or compiled from inside `dist`. */
const PAGES_DIRS = ['../../../dist/pages/shop', '../../../pages/shop']

async function main(): Promise<void> {
  // oxlint-disable-next-line node/no-process-env -- the shop's one reader of the environment
  const read = readSettings(process.env)
  if (read.kind === 'mistakes') return fail(read.mistakes)
  try {
    await open(read.settings)
  } catch (error) {
    fail([sentenceOf(error, read.settings)])
  }
}

async function open(settings: Settings): Promise<void> {
  const { gatewayUrl, apiKey, host, port, publicUrl } = settings
  const shop = createShop({ gatewayUrl, apiKey, pagesDir: findPages(), publicUrl, log: say })
  const url = await shop.listen(port, host)
  closeOnSignal(shop)
  say(`Acme Tea is open at ${url}`)
  // A parent that goes away at this moment is noticed by the disconnection.
  if (process.connected) process.send?.({ kind: 'listening', url }, () => undefined)
}

/** A parent that goes away takes the shop with it, so that none is left behind. */
function closeOnSignal(shop: Shop): void {
  const close = (): void => void shop.close().then(() => process.exit(0))
  process.once('SIGTERM', close)
  process.once('SIGINT', close)
  if (process.send === undefined) return
  process.once('disconnect', close)
  // The parent may have gone away before anybody listened.
  if (!process.connected) close()
}

function findPages(): string {
  const folders = PAGES_DIRS.map((folder) => fileURLToPath(new URL(folder, import.meta.url)))
  return folders.find((folder) => existsSync(folder)) ?? folders.join()
}

function sentenceOf(error: unknown, { host, port }: Settings): string {
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return `SHOP_PORT: ${port} on ${host} is already in use. Stop what runs there, or choose another port.`
  }
  return error instanceof Error ? error.message : String(error)
}

function fail(lines: readonly string[]): void {
  process.stderr.write(`The shop cannot open.\n${lines.map((line) => `  ${line}\n`).join('')}`)
  process.exit(1)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

await main()
