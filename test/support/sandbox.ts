import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
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

/** Starts the sandbox as `npm start` does, with data of its own. Everything is stopped and removed after the test. */
export async function startSandboxProcess(
  env: Readonly<Record<string, string>> = {},
): Promise<SandboxProcess> {
  const dataDir = await mkdtemp(join(tmpdir(), 'paybell-sandbox-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }))
  const { find, kill } = startProcess({ PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'warn', ...env })
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
