import { createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { newestFirst } from './config-secrets.ts'
import { isPlainText } from './domain/plain-text.ts'

/** Where the secrets of a configuration file come from. */
interface SecretSources {
  /** Folder that `{ "file": … }` is relative to. */
  readonly folder: string
  readonly env: Readonly<Record<string, string | undefined>>
}

const DEFAULT_API = 'https://api.mch.weixin.qq.com'
const DEFAULT_FALLBACK_API = 'https://api2.mch.weixin.qq.com'

/** A secret is a plain string, `{ "file": … }` or `{ "env": … }`. Messages name the place, never the value. */
function secret({ folder, env }: SecretSources) {
  const place = z.union(
    [z.string(), z.strictObject({ file: z.string().min(1) }), z.strictObject({ env: z.string().min(1) })],
    { error: 'expected a string, { "file": … } or { "env": … }' },
  )
  return place.transform((from, context) => {
    const refuse = (message: string): never => {
      context.addIssue(message)
      return z.NEVER
    }
    if (typeof from === 'string') return from
    if ('env' in from) {
      return env[from.env] || refuse(`environment variable ${from.env} is not set; it should hold the secret`)
    }
    try {
      return readFileSync(resolve(folder, from.file), 'utf8')
    } catch (error) {
      const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
      return refuse(
        `cannot read file ${from.file} (${reason}); expected a path relative to the configuration file`,
      )
    }
  })
}

function rsaKey(parse: (pem: string) => KeyObject, expected: string) {
  return (pem: string, context: z.RefinementCtx<string>): KeyObject => {
    try {
      const key = parse(pem)
      const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
      if (key.asymmetricKeyType === 'rsa' && bits >= 2048) return key
      context.addIssue(
        `is a ${key.asymmetricKeyType} key of ${bits} bits; expected RSA of at least 2048 bits`,
      )
    } catch {
      context.addIssue(`is not readable; expected ${expected}`)
    }
    return z.NEVER
  }
}

const toPrivateKey = rsaKey((pem) => createPrivateKey(pem), 'the merchant’s RSA private key as PEM')
const readPublicKey = rsaKey(
  (pem) => (pem.includes('BEGIN CERTIFICATE') ? new X509Certificate(pem).publicKey : createPublicKey(pem)),
  'an RSA public key or certificate as PEM',
)

function toPublicKey(pem: string, context: z.RefinementCtx<string>): KeyObject {
  // Node would make a public key of it, and every notification would be refused.
  if (!pem.includes('PRIVATE KEY')) return readPublicKey(pem, context)
  context.addIssue('is a private key; expected the platform’s public key or certificate as PEM')
  return z.NEVER
}

function apiV3Key(sources: SecretSources) {
  return secret(sources)
    .transform((text) => Buffer.from(text.trim()))
    .refine((key) => key.length === 32, {
      error: (issue) =>
        `has ${Buffer.isBuffer(issue.input) ? issue.input.length : 0} bytes; expected the 32 characters of the APIv3 key`,
    })
}

const hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/i, 'expected 64 hex digits, the SHA-256 of the key')
  .transform((hex) => hex.toLowerCase())

/** A name that people are shown. */
const shownName = (expected: string) =>
  z
    .string()
    .min(1, expected)
    .refine(isPlainText, `${expected}, without control characters, invisible characters and line breaks`)

const keyHash = z.strictObject({ name: shownName('expected a name'), sha256: hash })

const baseUrl = z
  .string()
  .regex(
    /^https?:\/\/[^/?#\s]+\/?$/,
    'expected an http(s) address without a path, e.g. https://api.mch.weixin.qq.com',
  )
  .transform((url) => url.replace(/\/$/, ''))

function wechatpay(sources: SecretSources) {
  return z
    .strictObject({
      mchId: z.string().regex(/^[0-9A-Za-z]{1,32}$/, 'expected the merchant number, e.g. 1900000109'),
      appIds: z
        .array(z.string().regex(/^[0-9A-Za-z_-]{1,32}$/, 'expected an app id, e.g. wxd678efh567hg6787'))
        .min(1, 'expected at least one app id')
        .transform((ids, context): readonly [string, ...string[]] => {
          const [first, ...others] = ids
          if (first !== undefined) return [first, ...others]
          context.addIssue('expected at least one app id')
          return z.NEVER
        }),
      certificateSerial: z
        .string()
        .regex(/^[0-9A-Fa-f]{1,64}$/, 'expected the serial of the merchant certificate, hex digits'),
      privateKey: secret(sources).transform(toPrivateKey),
      apiV3Key: newestFirst(apiV3Key(sources)),
      platformKeys: z
        .array(
          z.strictObject({
            id: z.string().min(1, 'expected PUB_KEY_ID_… or the serial of a platform certificate'),
            publicKey: secret(sources).transform(toPublicKey),
          }),
        )
        .default([]),
      apiBaseUrl: baseUrl.default(DEFAULT_API),
      apiFallbackUrl: baseUrl.optional(),
    })
    .superRefine(({ privateKey, platformKeys }, context) => {
      unique(
        platformKeys.map(({ id }, k) => [['platformKeys', k, 'id'], id]),
        'expected an id of its own for each platform key',
      )(context)
      const own = createPublicKey(privateKey)
      for (const [k, { publicKey }] of platformKeys.entries()) {
        if (!own.equals(publicKey)) continue
        const message = 'is the merchant’s own key; expected the key that the platform signs with'
        context.addIssue({ code: 'custom', path: ['platformKeys', k, 'publicKey'], message })
      }
    })
    .transform(({ apiV3Key: apiV3Keys, ...account }) => ({
      ...account,
      apiV3Keys,
      apiFallbackUrl:
        account.apiFallbackUrl ?? (account.apiBaseUrl === DEFAULT_API ? DEFAULT_FALLBACK_API : null),
    }))
}

function merchant(sources: SecretSources) {
  return z
    .strictObject({
      id: z.string().regex(/^[0-9A-Za-z][0-9A-Za-z_-]{0,63}$/, 'expected 1 to 64 letters, digits, _ or -'),
      name: shownName('expected the name that people know the merchant by'),
      apiKeys: z.array(keyHash).default([]),
      wechatpay: wechatpay(sources).optional(),
    })
    .refine(
      ({ apiKeys, wechatpay: account }) => apiKeys.length > 0 || account !== undefined,
      'has neither apiKeys nor wechatpay; expected a merchant that can do something',
    )
}

/** Every value once: two owners of one id or key would make it a matter of luck who is meant. */
function unique(values: readonly (readonly [path: readonly PropertyKey[], value: string])[], what: string) {
  return (context: z.RefinementCtx): void => {
    const seen = new Set<string>()
    for (const [path, value] of values) {
      if (seen.has(value)) {
        context.issues.push({ code: 'custom', input: '', path: [...path], message: `is used twice; ${what}` })
      }
      seen.add(value)
    }
  }
}

/** The JSON file that `PAYBELL_CONFIG` names. */
export function configFileSchema(path: string, env: SecretSources['env']) {
  return z
    .strictObject({
      merchants: z
        .array(merchant({ folder: dirname(path), env }))
        .min(1, 'expected at least one merchant (for the sandbox, leave PAYBELL_CONFIG unset)'),
      operators: z.array(keyHash).default([]),
    })
    .superRefine(({ merchants, operators }, context) => {
      unique(
        merchants.map(({ id }, m) => [['merchants', m, 'id'], id]),
        'expected an id of its own for each merchant',
      )(context)
      // Merchants of one mchId share its out_trade_no: a question by one could find the money of the other.
      unique(
        merchants.flatMap(({ wechatpay: account }, m) =>
          account === undefined ? [] : [[['merchants', m, 'wechatpay', 'mchId'], account.mchId] as const],
        ),
        'expected an mchId of its own for each merchant',
      )(context)
      unique(
        [
          ...merchants.flatMap(({ apiKeys }, m) =>
            apiKeys.map(({ sha256 }, k) => [['merchants', m, 'apiKeys', k, 'sha256'], sha256] as const),
          ),
          ...operators.map(({ sha256 }, k) => [['operators', k, 'sha256'], sha256] as const),
        ],
        'expected a key of its own for each name',
      )(context)
    })
}

/** What the configuration file says, keys parsed and secrets resolved. */
export type ConfigFile = z.output<ReturnType<typeof configFileSchema>>
/** One configured merchant. */
export type MerchantConfig = ConfigFile['merchants'][number]
/** A named API key, known by its SHA-256 only. */
export type KeyHash = ConfigFile['operators'][number]
