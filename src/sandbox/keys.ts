import { createHash, generateKeyPair, randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** The keys of the demo merchant. They are made at the first start and kept, so that a restart changes nothing. */
export interface SandboxKeys {
  /** The merchant's RSA keys as PEM. */
  readonly privateKey: string
  readonly publicKey: string
  /** Serial of the certificate that the merchant would have, hex. */
  readonly certificateSerial: string
  /** 32 characters. */
  readonly apiV3Key: string
  /** What the merchant's backend calls the GraphQL API with. */
  readonly merchantKey: string
  /** What a person calls the GraphQL API with to see all orders. */
  readonly operatorKey: string
  readonly tokenSecret: string
}

/** Name of the file with the keys. */
export const KEYS_FILE = 'keys.json'

async function makeKeys(): Promise<SandboxKeys> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  return {
    privateKey,
    publicKey,
    certificateSerial: randomBytes(20).toString('hex').toUpperCase(),
    apiV3Key: randomBytes(16).toString('hex'),
    merchantKey: `demo_merchant_${randomBytes(16).toString('hex')}`,
    operatorKey: `demo_operator_${randomBytes(16).toString('hex')}`,
    tokenSecret: randomBytes(32).toString('hex'),
  }
}

/** Writes a file that only this user may read, all of it or nothing. */
export async function writePrivate(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`
  await writeFile(draft, text, { mode: 0o600 })
  await rename(draft, path)
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

/** The keys in a folder of this sandbox's own, made when there are none. */
export async function sandboxKeys(folder: string): Promise<SandboxKeys> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, KEYS_FILE)
  try {
    return JSON.parse(await readFile(path, 'utf8')) as SandboxKeys
  } catch (error) {
    if (!isMissing(error)) throw error
  }
  const keys = await makeKeys()
  await writePrivate(path, JSON.stringify(keys, null, 2))
  return keys
}

/** The SHA-256 of an API key, as the configuration file wants it (hex). */
export function sha256(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}
