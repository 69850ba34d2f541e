import { extname, join } from 'node:path'
import type { Config } from '../config.ts'
import type { SandboxPages } from '../http/pages.ts'
import { freePort, startCompanion } from './companion.ts'
import { readSandboxFile, sandboxFile, sandboxFolder } from './sandbox-config.ts'
import { sandboxKeys, sha256, writePrivate, type SandboxKeys } from './keys.ts'

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

const MERCHANT = {
  id: 'demo',
  name: 'Acme Tea',
  mchId: '1900000109',
  appIds: ['wxd678efh567hg6787'],
} as const

/** Compiled code starts compiled companions. */
const EXTENSION = extname(import.meta.filename)

function simulatorConfig(keys: SandboxKeys) {
  const { mchId, name, appIds } = MERCHANT
  const { certificateSerial, publicKey, apiV3Key } = keys
  return { merchants: [{ mchId, name, appIds, certificateSerial, publicKey, apiV3Key }] }
}

function gatewayConfig(
  keys: SandboxKeys,
  simulator: {
    readonly url: string
    readonly platformKey: { readonly id: string; readonly publicKeyPem: string }
  },
) {
  const { id, name, mchId, appIds } = MERCHANT
  return {
    merchants: [
      {
        id,
        name,
        apiKeys: [{ name: 'demo shop', sha256: sha256(keys.merchantKey) }],
        wechatpay: {
          mchId,
          appIds,
          certificateSerial: keys.certificateSerial,
          privateKey: keys.privateKey,
          apiV3Key: keys.apiV3Key,
          platformKeys: [{ id: simulator.platformKey.id, publicKey: simulator.platformKey.publicKeyPem }],
          apiBaseUrl: simulator.url,
        },
      },
    ],
    operators: [{ name: 'you', sha256: sha256(keys.operatorKey) }],
  }
}

/**
 * Starts the sandbox beside a gateway that will listen on `port`. Its files are in `DATA_DIR/sandbox`; the
 * configuration it writes there is an example of a real one.
 */
export async function startSandbox(
  base: Config,
  { port, url }: { readonly port: number; readonly url: string },
): Promise<Sandbox> {
  const folder = sandboxFolder(base.dataDir)
  const keys = await sandboxKeys(folder)
  await writePrivate(join(folder, 'simulator.json'), JSON.stringify(simulatorConfig(keys), null, 2))
  const simulator = await startCompanion(
    'simulator',
    new URL(`../../simulator/main${EXTENSION}`, import.meta.url),
    {
      SIMULATOR_HOST: base.host,
      SIMULATOR_PORT: String(await freePort(base.host, port + 2)),
      SIMULATOR_CONFIG: join(folder, 'simulator.json'),
      SIMULATOR_DATA_DIR: join(folder, 'simulator'),
    },
  )
  const { platformKey } = simulator.greeting
  if (platformKey === undefined) throw new Error('The simulator did not say which key it signs with.')
  const known = { url: simulator.greeting.url, platformKey }
  await writePrivate(sandboxFile(base.dataDir), JSON.stringify(gatewayConfig(keys, known), null, 2))
  const companions = [simulator]

  return {
    config: readSandboxFile(base, keys),
    pages: { bridgeScript: `${known.url}/client/weixin-js-bridge.js`, merchantKey: keys.merchantKey },
    simulatorUrl: known.url,
    merchantKey: keys.merchantKey,
    operatorKey: keys.operatorKey,
    async openShop() {
      const shop = await startCompanion(
        'demo shop',
        new URL(`../../web/shop/backend/main${EXTENSION}`, import.meta.url),
        {
          SHOP_HOST: base.host,
          SHOP_PORT: String(await freePort(base.host, port + 1)),
          PAYBELL_URL: url,
          PAYBELL_API_KEY: keys.merchantKey,
        },
      )
      companions.push(shop)
      return shop.greeting.url
    },
    async close() {
      await Promise.all(companions.map((companion) => companion.close()))
    },
  }
}
