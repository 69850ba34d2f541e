import { extname, join } from 'node:path'
import { freePort, startCompanion, type Companion } from './companion.ts'
import { gatewayConfig, simulatorConfig } from './demo-merchant.ts'
import { sandboxKeys, writePrivate } from './keys.ts'
import { CONFIG_FILE } from './sandbox-config.ts'

/** Compiled code starts compiled companions. */
const EXTENSION = extname(import.meta.filename)

/** Where a simulated platform keeps its files and listens. */
export interface PlatformOptions {
  readonly folder: string
  readonly host: string
  /** The port that it should have; another one when that is taken. */
  readonly port: number
  /** Empty when there is none. */
  readonly publicUrl: string
}

/**
 * Makes the demo merchant's keys, starts the simulator for it, and writes the configuration that a gateway needs to work
 * with both. Only who holds the folder's lock may do that: everything in the folder is written here.
 */
export async function startPlatform({ folder, host, port, publicUrl }: PlatformOptions): Promise<Companion> {
  const keys = await sandboxKeys(folder)
  await writePrivate(join(folder, 'simulator.json'), JSON.stringify(simulatorConfig(keys), null, 2))
  const simulator = await startCompanion(
    'simulator',
    new URL(`../../simulator/main${EXTENSION}`, import.meta.url),
    {
      SIMULATOR_HOST: host,
      SIMULATOR_PORT: String(await freePort(host, port)),
      SIMULATOR_PUBLIC_URL: publicUrl,
      SIMULATOR_CONFIG: join(folder, 'simulator.json'),
      SIMULATOR_DATA_DIR: join(folder, 'simulator'),
    },
  )
  const { url, platformKey } = simulator.greeting
  if (platformKey === undefined) throw new Error('The simulator did not say which key it signs with.')
  await writePrivate(
    join(folder, CONFIG_FILE),
    JSON.stringify(gatewayConfig(keys, { url, platformKey }), null, 2),
  )
  return simulator
}
