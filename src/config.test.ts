import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ConfigError, loadConfig, type Environment } from './config.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const privateKey = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const publicKey = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()
const SHA = 'a'.repeat(64)
const API_V3_KEY = 'S3cretS3cretS3cretS3cretS3cret32'
const TOKEN_SECRET = 'x'.repeat(32)

function validMerchant() {
  return {
    id: 'acme',
    name: 'Acme Tea',
    apiKeys: [{ name: 'backend', sha256: SHA }],
    wechatpay: {
      mchId: '1900000109',
      appIds: ['wxd678efh567hg6787'],
      certificateSerial: '5F1C72E2A8931B72',
      privateKey: { file: 'key.pem' } as unknown,
      apiV3Key: { env: 'ACME_APIV3_KEY' } as unknown,
      platformKeys: [{ id: 'PUB_KEY_ID_1', publicKey }],
    },
  }
}

function load(file: unknown, env: Environment = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'paybell-config-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'key.pem'), privateKey)
  const path = join(folder, 'paybell.json')
  writeFileSync(path, typeof file === 'string' ? file : JSON.stringify(file))
  return loadConfig({ PAYBELL_CONFIG: path, TOKEN_SECRET, ACME_APIV3_KEY: API_V3_KEY, ...env })
}

/** The mistakes, without the path of the file in front. */
function mistakesOf(attempt: () => unknown): readonly string[] {
  try {
    attempt()
  } catch (error) {
    if (error instanceof ConfigError)
      return error.mistakes.map((line) => line.replace(/^\/\S+paybell\.json: /, ''))
    throw error
  }
  return []
}

test('nothing configured means the sandbox, with the defaults', () => {
  expect(loadConfig({})).toMatchObject({
    port: 4000,
    host: '127.0.0.1',
    publicUrl: null,
    mongodbUri: null,
    redisUrl: null,
    logLevel: 'info',
    file: null,
  })
})

test('a variable that is set to nothing counts as not set', () => {
  expect(loadConfig({ PORT: '', MONGODB_URI: '' })).toMatchObject({ port: 4000, mongodbUri: null })
})

test('a whole configuration is read, its secrets from a file, the environment and plain text', () => {
  const { file } = load({
    merchants: [validMerchant()],
    operators: [{ name: 'ops', sha256: 'B'.repeat(64) }],
  })
  const [merchant] = file?.merchants ?? []
  expect(merchant?.wechatpay?.privateKey.asymmetricKeyDetails?.modulusLength).toBe(2048)
  expect(merchant?.wechatpay?.apiV3Key.toString()).toBe(API_V3_KEY)
  expect(merchant?.wechatpay).toMatchObject({
    apiBaseUrl: 'https://api.mch.weixin.qq.com',
    apiFallbackUrl: 'https://api2.mch.weixin.qq.com',
  })
  expect(file?.operators).toEqual([{ name: 'ops', sha256: 'b'.repeat(64) }])
})

test('another host for the platform has no second host unless one is named', () => {
  const merchant = validMerchant()
  const { file } = load({
    merchants: [{ ...merchant, wechatpay: { ...merchant.wechatpay, apiBaseUrl: 'http://127.0.0.1:4002/' } }],
  })
  expect(file?.merchants[0]?.wechatpay).toMatchObject({
    apiBaseUrl: 'http://127.0.0.1:4002',
    apiFallbackUrl: null,
  })
})

test('a secret file that ends with a line break is read without it', () => {
  const merchant = validMerchant()
  const { file } = load({ merchants: [merchant] }, { ACME_APIV3_KEY: `${API_V3_KEY}\n` })
  expect(file?.merchants[0]?.wechatpay?.apiV3Key).toHaveLength(32)
})

test('every mistake is reported at once, one line each', () => {
  const merchant = validMerchant()
  const wrong = {
    merchants: [
      {
        ...merchant,
        id: 'a b',
        surprise: 1,
        apiKeys: [{ name: 'backend', sha256: 'zz' }],
        wechatpay: {
          ...merchant.wechatpay,
          appIds: [],
          privateKey: { file: 'missing.pem' },
          apiV3Key: 'too short',
        },
      },
    ],
  }
  const mistakes = mistakesOf(() => load(wrong, { PORT: 'eighty', TOKEN_SECRET: 'short' }))
  expect(mistakes.toSorted()).toEqual([
    'PORT: expected a TCP port, 0 to 65535',
    'TOKEN_SECRET: is too short; expected at least 32 bytes',
    'merchants[0].apiKeys[0].sha256: expected 64 hex digits, the SHA-256 of the key',
    'merchants[0].id: expected 1 to 64 letters, digits, _ or -',
    'merchants[0].wechatpay.apiV3Key: has 9 bytes; expected the 32 characters of the APIv3 key',
    'merchants[0].wechatpay.appIds: expected at least one app id',
    'merchants[0].wechatpay.privateKey: cannot read file missing.pem (ENOENT); expected a path relative to the configuration file',
    'merchants[0]: Unrecognized key: "surprise"',
  ])
})

test.each([
  [
    'a private key that is none',
    { privateKey: 'SECRETSECRET' },
    'is not readable; expected the merchant’s RSA private key',
  ],
  [
    'an APIv3 key whose variable is not set',
    { apiV3Key: { env: 'NOWHERE' } },
    'environment variable NOWHERE is not set',
  ],
  [
    'a secret of an unknown form',
    { apiV3Key: { vault: 'x' } },
    'expected a string, { "file": … } or { "env": … }',
  ],
  [
    'a platform key that is none',
    { platformKeys: [{ id: 'x', publicKey: 'SECRETSECRET' }] },
    'is not readable',
  ],
  ['a base address with a path', { apiBaseUrl: 'https://example.com/v3' }, 'without a path'],
])('%s is said in one line, without its value', (_what, changes, sentence) => {
  const merchant = validMerchant()
  const mistakes = mistakesOf(() =>
    load({ merchants: [{ ...merchant, wechatpay: { ...merchant.wechatpay, ...changes } }] }),
  )
  expect(mistakes).toHaveLength(1)
  expect(mistakes[0]).toContain(sentence)
  expect(mistakes[0]).not.toContain('SECRETSECRET')
})

test('an RSA key of 1024 bits is refused', () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
  const merchant = validMerchant()
  const wechatpay = { ...merchant.wechatpay, privateKey: weak.export({ type: 'pkcs8', format: 'pem' }) }
  const [mistake] = mistakesOf(() => load({ merchants: [{ ...merchant, wechatpay }] }))
  expect(mistake).toContain('1024 bits; expected RSA of at least 2048 bits')
})

test('two merchants with one id or one mchId, and one key for two owners, are mistakes', () => {
  const merchant = validMerchant()
  expect(
    mistakesOf(() => load({ merchants: [merchant, merchant], operators: [{ name: 'ops', sha256: SHA }] })),
  ).toEqual([
    'merchants[1].id: is used twice; expected an id of its own for each merchant',
    'merchants[1].wechatpay.mchId: is used twice; expected an mchId of its own for each merchant',
    'merchants[1].apiKeys[0].sha256: is used twice; expected a key of its own for each name',
    'operators[0].sha256: is used twice; expected a key of its own for each name',
  ])
})

test('a file that is no JSON is said without quoting it', () => {
  const [mistake = ''] = mistakesOf(() => load('{ "merchants": SECRETSECRET'))
  expect(mistake).toContain('is not JSON')
  expect(mistake).not.toContain('SECRETSECRET')
})

test('a file that is not there, and a configuration without TOKEN_SECRET', () => {
  expect(mistakesOf(() => loadConfig({ PAYBELL_CONFIG: '/nowhere/paybell.json' }))).toEqual([
    'PAYBELL_CONFIG: /nowhere/paybell.json cannot be read (ENOENT); expected the JSON file that describes the merchants',
    'TOKEN_SECRET: is not set; expected at least 32 random bytes, e.g. from `openssl rand -hex 32`',
  ])
})

test('a configuration without merchants is not the sandbox by accident', () => {
  expect(mistakesOf(() => load({ merchants: [] }))[0]).toContain('expected at least one merchant')
})
