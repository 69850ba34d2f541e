import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import type { Config } from '../config.ts'
import type { SandboxPages } from '../http/pages.ts'
import { freePort, startCompanion, type Companion } from './companion.ts'
import { joinPlatform } from './join-platform.ts'
import type { SandboxKeys } from './keys.ts'
import { keysFile, readSandboxFile } from './sandbox-config.ts'

/** A demo merchant, a payment platform and a shop, so that a payment can be tried without any of them. */
export interface Sandbox {
  /** A whole configuration, as a merchant would write it. */
  readonly config: Config
  readonly pages: SandboxPages
  readonly simulatorUrl: string
  readonly merchantKey: string
  readonly operatorKey: string
  /** Opens the demo shop, which needs a gateway that listens. */
  openShop(): Promise<string>
  close(): Promise<void>
}

/** Compiled code starts compiled companions. */
const EXTENSION = extname(import.meta.filename)

/** The platform's process has this long to end, should nobody else need it, in milliseconds. */
const CLOSE_TIMEOUT_MS = 5000

async function startShop(host: string, port: number, env: Readonly<Record<string, string>>) {
  return startCompanion('demo shop', new URL(`../../web/shop/backend/main${EXTENSION}`, import.meta.url), {
    SHOP_HOST: host,
    SHOP_PORT: String(await freePort(host, port)),
    ...env,
  })
}

/**
 * Starts the sandbox beside a gateway that will listen on `port`: a shop of its own, and the platform that it shares with
 * every gateway of the same `DATA_DIR`.
 * @throws {SandboxError} when the platform cannot be started
 */
export async function startSandbox(
  base: Config,
  { port, url }: { readonly port: number; readonly url: string },
): Promise<Sandbox> {
  const { dataDir, host, publicUrl } = base
  const platform = await joinPlatform({ dataDir, host, port: port + 2, publicUrl })
  const keys = JSON.parse(await readFile(keysFile(dataDir), 'utf8')) as SandboxKeys
  const { merchantKey, operatorKey } = keys
  const config = readSandboxFile(base, keys)
  const simulatorUrl = config.file?.merchants[0]?.wechatpay?.apiBaseUrl ?? ''
  const shops: Companion[] = []

  return {
    config,
    pages: {
      bridgeScript: `${simulatorUrl}/client/weixin-js-bridge.js`,
      merchantKey,
      hosts: [host, ...(publicUrl === null ? [] : [new URL(publicUrl).hostname])],
    },
    simulatorUrl,
    merchantKey,
    operatorKey,
    async openShop() {
      const shop = await startShop(host, port + 1, {
        PAYBELL_URL: url,
        PAYBELL_API_KEY: merchantKey,
        ...(publicUrl !== null && { SHOP_PUBLIC_URL: publicUrl }),
      })
      shops.push(shop)
      return shop.greeting.url
    },
    async close() {
      await Promise.all([...shops.map((shop) => shop.close()), platform.release(CLOSE_TIMEOUT_MS)])
    },
  }
}
