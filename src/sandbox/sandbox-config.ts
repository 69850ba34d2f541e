import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig, type Config } from '../config.ts'
import { KEYS_FILE, type SandboxKeys } from './keys.ts'

/** Name of the configuration file that a sandbox writes for its gateways. */
export const CONFIG_FILE = 'paybell.json'

/** Where the sandbox keeps its files. */
export function sandboxFolder(dataDir: string): string {
  return join(dataDir, 'sandbox')
}

function configFile(dataDir: string): string {
  return join(sandboxFolder(dataDir), CONFIG_FILE)
}

/** Where the sandbox keeps the demo merchant's keys. */
export function keysFile(dataDir: string): string {
  return join(sandboxFolder(dataDir), KEYS_FILE)
}

/** Reads the file that a sandbox wrote, with the rest of the configuration as it is. */
export function readSandboxFile(base: Config, { tokenSecret }: Pick<SandboxKeys, 'tokenSecret'>): Config {
  const { file, tokenSecrets } = loadConfig({
    PAYBELL_CONFIG: configFile(base.dataDir),
    TOKEN_SECRET: tokenSecret,
  })
  return { ...base, file, tokenSecrets }
}

/** The configuration that a tool beside the gateway works with: the sandbox's, when nothing else is configured. */
export function sandboxConfig(base: Config): Config {
  if (base.file !== null || !existsSync(configFile(base.dataDir))) return base
  const keys = JSON.parse(readFileSync(keysFile(base.dataDir), 'utf8')) as SandboxKeys
  return readSandboxFile(base, keys)
}
