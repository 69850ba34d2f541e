import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig, type Config } from '../config.ts'
import type { SandboxKeys } from './keys.ts'

/** Where the sandbox keeps its files. */
export function sandboxFolder(dataDir: string): string {
  return join(dataDir, 'sandbox')
}

/** The configuration file that a sandbox writes for its gateway. */
export function sandboxFile(dataDir: string): string {
  return join(sandboxFolder(dataDir), 'paybell.json')
}

/** Reads the file that a sandbox wrote, with the rest of the configuration as it is. */
export function readSandboxFile(base: Config, { tokenSecret }: Pick<SandboxKeys, 'tokenSecret'>): Config {
  const { file, tokenSecret: secret } = loadConfig({
    PAYBELL_CONFIG: sandboxFile(base.dataDir),
    TOKEN_SECRET: tokenSecret,
  })
  return { ...base, file, tokenSecret: secret }
}

/** The configuration that a tool beside the gateway works with: the sandbox's, when nothing else is configured. */
export function sandboxConfig(base: Config): Config {
  if (base.file !== null || !existsSync(sandboxFile(base.dataDir))) return base
  const keys = JSON.parse(readFileSync(join(sandboxFolder(base.dataDir), 'keys.json'), 'utf8')) as SandboxKeys
  return readSandboxFile(base, keys)
}
