import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { readPublicKey } from './crypto.ts'
import type { MerchantOptions } from './merchants.ts'

/** Either the merchants, or all that is wrong with the file, one line a mistake. */
export type MerchantsFile =
  | { readonly merchants: readonly MerchantOptions[] }
  | { readonly mistakes: readonly string[] }

type Environment = Readonly<Record<string, string | undefined>>

const sourceSchema = z.union(
  [
    z.string().min(1),
    z.strictObject({ file: z.string().min(1) }),
    z.strictObject({ env: z.string().min(1) }),
  ],
  'expected text, { "file": … } or { "env": … }',
)
type Source = z.infer<typeof sourceSchema>

const fileSchema = z.strictObject({
  merchants: z
    .array(
      z.strictObject({
        mchId: z.string().regex(/^\d{1,32}$/, 'expected digits'),
        name: z.string().min(1),
        appIds: z.array(z.string().min(1).max(32)).min(1),
        certificateSerial: z.string().regex(/^[0-9A-Fa-f]{1,40}$/, 'expected up to 40 hex digits'),
        publicKey: sourceSchema,
        apiV3Key: sourceSchema,
      }),
    )
    .min(1),
})
type Entry = z.infer<typeof fileSchema>['merchants'][number]

const apiV3KeyBytes = 32

async function readSource(source: Source, folder: string, env: Environment): Promise<string> {
  if (typeof source === 'string') return source
  if ('file' in source) return (await readFile(resolve(folder, source.file), 'utf8')).trim()
  const value = env[source.env]
  if (value === undefined || value === '')
    throw new Error(`the environment variable ${source.env} is not set`)
  return value
}

const isPublicKey = (pem: string): boolean => {
  try {
    return readPublicKey(pem).type === 'public'
  } catch {
    return false
  }
}

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** Reads the secrets of one entry; adds a line to `mistakes` for each that cannot be had or used. */
async function readEntry(
  entry: Entry,
  place: { readonly name: string; readonly folder: string; readonly env: Environment },
  mistakes: string[],
): Promise<MerchantOptions> {
  const read = async (
    field: 'publicKey' | 'apiV3Key',
    isUsable: (text: string) => boolean,
  ): Promise<string> => {
    const expected =
      field === 'apiV3Key' ? `${apiV3KeyBytes} bytes` : 'the PEM of an RSA public key or certificate'
    try {
      const text = await readSource(entry[field], place.folder, place.env)
      if (!isUsable(text)) mistakes.push(`${place.name}.${field}: expected ${expected}`)
      return text
    } catch (cause) {
      mistakes.push(`${place.name}.${field}: expected ${expected}; ${reasonOf(cause)}`)
      return ''
    }
  }
  const { publicKey: _publicKey, ...rest } = entry
  return {
    ...rest,
    publicKeyPem: await read('publicKey', isPublicKey),
    apiV3Key: await read('apiV3Key', (text) => Buffer.byteLength(text) === apiV3KeyBytes),
  }
}

/** Reads the JSON file that lists the merchants; files named in it are relative to it. */
export async function readMerchantsFile(path: string, env: Environment): Promise<MerchantsFile> {
  let content: unknown
  try {
    content = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause
    return {
      mistakes: [`${path}: ${isMissing ? `cannot be read (${reasonOf(cause)})` : 'is not valid JSON'}`],
    }
  }
  const result = fileSchema.safeParse(content)
  if (!result.success) {
    return {
      mistakes: result.error.issues.map((issue) => `${path}: ${issue.path.join('.')}: ${issue.message}`),
    }
  }
  const mistakes: string[] = []
  const folder = dirname(resolve(path))
  const merchants: MerchantOptions[] = []
  for (const [index, entry] of result.data.merchants.entries()) {
    const name = `${path}: merchants.${index}`
    if (merchants.some(({ mchId }) => mchId === entry.mchId)) mistakes.push(`${name}.mchId: is listed twice`)
    merchants.push(await readEntry(entry, { name, folder, env }, mistakes))
  }
  return mistakes.length > 0 ? { mistakes } : { merchants }
}
