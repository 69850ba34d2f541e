import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { freePort } from './free-port.ts'
import { startProcess, type GatewayProcess } from './process.ts'

/** What `npm start` prints on a machine where no merchant is configured. */
export interface SandboxProcess {
  readonly shop: string
  readonly playground: string
  readonly simulator: string
  readonly gateway: string
  readonly merchantKey: string
  readonly dataDir: string
  readonly kill: GatewayProcess['kill']
}

/** Makes a folder for a sandbox's data, which is removed after the test. */
export async function sandboxDir(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'paybell-sandbox-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }))
  return dataDir
}

/** Starts a sandbox as `npm start` does, with its data in a folder. It is stopped after the test. */
export async function startSandboxProcess(
  dataDir: string,
  env: Readonly<Record<string, string>> = {},
): Promise<SandboxProcess> {
  // Its shop and its platform get the next two.
  const port = String(await freePort(3))
  const { find, kill } = startProcess({ PORT: port, DATA_DIR: dataDir, LOG_LEVEL: 'warn', ...env })
  const read = async (label: string): Promise<string> => {
    const [, value = ''] = await find(new RegExp(`^  ${label}\\s+(\\S+)`))
    return value
  }
  return {
    shop: await read('Demo shop'),
    playground: await read('Playground'),
    simulator: await read('Simulator'),
    gateway: await read('Gateway'),
    merchantKey: await read('Merchant key'),
    dataDir,
    kill,
  }
}
