import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ConfigError, loadConfig, type Environment } from './config.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const privateKey = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const ownPublicKey = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()
const publicKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .publicKey.export({ type: 'spki', format: 'pem' })
  .toString()
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

function load(file: unknown, env: Environment = {}, others: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'paybell-config-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries({ 'key.pem': privateKey, ...others }))
    writeFileSync(join(folder, name), text)
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
    role: 'all',
    checkLadderSeconds: [30, 60, 180, 600, 1800, 3600],
    closedPollScheduleSeconds: [600, 3600, 86_400],
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
  expect(merchant?.wechatpay?.apiV3Keys.map(String)).toEqual([API_V3_KEY])
  expect(merchant?.wechatpay).toMatchObject({
    apiBaseUrl: 'https://api.mch.weixin.qq.com',
    apiFallbackUrl: 'https://api2.mch.weixin.qq.com',
  })
  expect(file?.operators).toEqual([{ name: 'ops', sha256: 'b'.repeat(64) }])
})

const OLDER_KEY = 'OlderOlderOlderOlderOlderOlder32'

function withApiV3Key(apiV3Key: unknown) {
  const merchant = validMerchant()
  return { merchants: [{ ...merchant, wechatpay: { ...merchant.wechatpay, apiV3Key } }] }
}

test('an APIv3 key may be a list, newest first, each a secret in any of its forms', () => {
  const list = [{ env: 'ACME_APIV3_KEY' }, OLDER_KEY, { file: 'older.txt' }]
  const { file } = load(withApiV3Key(list), {}, { 'older.txt': `${'3'.repeat(32)}\n` })
  const keys = file?.merchants[0]?.wechatpay?.apiV3Keys.map(String)
  expect(keys).toEqual([API_V3_KEY, OLDER_KEY, '3'.repeat(32)])
})

test.each([
  [
    'too short',
    [API_V3_KEY, 'SECRETSECRET'],
    ['[1]: has 12 bytes; expected the 32 characters of the APIv3 key'],
  ],
  [
    'missing',
    [{ env: 'NOWHERE' }, { file: 'none.txt' }],
    [
      '[0]: environment variable NOWHERE is not set; it should hold the secret',
      '[1]: cannot read file none.txt (ENOENT); expected a path relative to the configuration file',
    ],
  ],
  [
    'of another form',
    [API_V3_KEY, 5, [OLDER_KEY]],
    [
      '[1]: is a number; expected a string, { "file": … } or { "env": … }',
      '[2]: is a list; expected a string, { "file": … } or { "env": … }',
    ],
  ],
  [
    'there already',
    [API_V3_KEY, { env: 'ACME_APIV3_KEY' }],
    ['[1]: is in the list twice; expected each secret once'],
  ],
  ['none', [], [': is an empty list; expected a secret or a list of 1 to 5, the newest first']],
  [
    'one too many',
    Array.from('abcdef', (letter) => letter.repeat(32)),
    [': is a list; expected a secret or a list of 1 to 5, the newest first'],
  ],
  ['absent', undefined, [': is missing; expected a string, { "file": … } or { "env": … }']],
])('of APIv3 keys, one that is %s is named by its place', (_what, apiV3Key, lines) => {
  const mistakes = mistakesOf(() => load(withApiV3Key(apiV3Key)))
  const field = 'merchants[0].wechatpay.apiV3Key'
  expect(mistakes).toEqual(lines.map((line) => `${field}${line}`))
  expect(mistakes.join('')).not.toMatch(/SECRETSECRET|S3cret|Older/)
})

const OTHER_SECRET = 'y'.repeat(40)

test('TOKEN_SECRET is one secret, or several separated by commas, the first of which signs', () => {
  expect(loadConfig({ TOKEN_SECRET }).tokenSecrets?.map(String)).toEqual([TOKEN_SECRET])
  const several = loadConfig({ TOKEN_SECRET: `${OTHER_SECRET}, ${TOKEN_SECRET}` })
  expect(several.tokenSecrets?.map(String)).toEqual([OTHER_SECRET, TOKEN_SECRET])
  expect(loadConfig({}).tokenSecrets).toBeNull()
})

test.each([
  [`${TOKEN_SECRET},SECRETSECRET`, ['[1]: has 12 bytes; expected at least 32 random bytes']],
  [
    `,${TOKEN_SECRET},`,
    [
      '[0]: has 0 bytes; expected at least 32 random bytes',
      '[2]: has 0 bytes; expected at least 32 random bytes',
    ],
  ],
  [
    `${TOKEN_SECRET},${OTHER_SECRET},${TOKEN_SECRET}`,
    ['[2]: is in the list twice; expected each secret once'],
  ],
  [
    Array.from('abcdef', (letter) => letter.repeat(32)).join(','),
    [': is a list; expected a secret or a list of 1 to 5, the newest first'],
  ],
])('of the secrets in TOKEN_SECRET, a wrong one is named by its place (%#)', (text, lines) => {
  const mistakes = mistakesOf(() => loadConfig({ TOKEN_SECRET: text }))
  expect(mistakes).toEqual(lines.map((line) => `TOKEN_SECRET${line}`))
  expect(mistakes.join('')).not.toMatch(/SECRETSECRET|xxxx|yyyy/)
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

test('with merchants, calls go through the proxies of the environment, and a wrong one stops the start', () => {
  const file = { merchants: [validMerchant()] }
  expect(load(file, { HTTPS_PROXY: 'http://proxy:3128' }).proxy).toMatchObject({
    httpsProxy: 'http://proxy:3128',
  })
  expect(mistakesOf(() => load(file, { HTTPS_PROXY: 'socks5://proxy:1080' }))).toMatchObject([
    expect.stringMatching(/^HTTPS_PROXY: .*; expected the address of an HTTP proxy/),
  ])
})

test('a secret file that ends with a line break is read without it', () => {
  const merchant = validMerchant()
  const { file } = load({ merchants: [merchant] }, { ACME_APIV3_KEY: `${API_V3_KEY}\n` })
  expect(file?.merchants[0]?.wechatpay?.apiV3Keys[0]).toHaveLength(32)
})

test.each(['Acme\u202eaeT', 'Acme\u200b', 'Acme\nTea', 'Acme\u2028', '\ufeffAcme'])(
  'a name with hidden characters is refused: %j',
  (name) => {
    const merchant = { ...validMerchant(), name, apiKeys: [{ name, sha256: SHA }] }
    const operators = [{ name, sha256: 'b'.repeat(64) }]
    const mistakes = mistakesOf(() => load({ merchants: [merchant], operators }))
    const fields = ['merchants[0].apiKeys[0].name', 'merchants[0].name', 'operators[0].name']
    expect(mistakes.map((line) => line.replace(/:.*/, '')).toSorted()).toEqual(fields)
    for (const line of mistakes) expect(line).toMatch(/; expected .*, without control characters, /)
  },
)

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
    'PORT: is "eighty"; expected a TCP port, 0 to 65535',
    'TOKEN_SECRET: has 5 bytes; expected at least 32 random bytes',
    'merchants[0].apiKeys[0].sha256: is a text of 2 characters that does not fit; expected 64 hex digits, the SHA-256 of the key',
    'merchants[0].id: is "a b"; expected 1 to 64 letters, digits, _ or -',
    'merchants[0].wechatpay.apiV3Key: has 9 bytes; expected the 32 characters of the APIv3 key',
    'merchants[0].wechatpay.appIds: is an empty list; expected at least one app id',
    'merchants[0].wechatpay.privateKey: cannot read file missing.pem (ENOENT); expected a path relative to the configuration file',
    'merchants[0]: is given "surprise", which is not known here; expected only what docs/configuration.md names',
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
  [
    'a private key in the place of the platform’s public one',
    { platformKeys: [{ id: 'x', publicKey: privateKey }] },
    'platformKeys[0].publicKey: is a private key; expected the platform’s public key',
  ],
  [
    'the merchant’s own key in the place of the platform’s',
    { platformKeys: [{ id: 'x', publicKey: ownPublicKey }] },
    'platformKeys[0].publicKey: is the merchant’s own key; expected the key that the platform signs with',
  ],
  [
    'one id for two platform keys',
    {
      platformKeys: [
        { id: 'x', publicKey },
        { id: 'x', publicKey },
      ],
    },
    'platformKeys[1].id: is used twice; expected an id of its own for each platform key',
  ],
  ['a number that should be text', { mchId: 1_900_000_109 }, 'mchId: is a number; expected text'],
  [
    'a field that is missing',
    { certificateSerial: undefined },
    'certificateSerial: is missing; expected text',
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

test.each([
  'https:///',
  'https://user:SECRETSECRET@pay.example.com',
  'https://pay.example.com/?a=b',
  'https://pay.example.com/#SECRETSECRET',
  'https://pay.example.com:99999',
  'pay.example.com',
])('PUBLIC_URL %s is refused', (url) => {
  const mistakes = mistakesOf(() => loadConfig({ PUBLIC_URL: url }))
  expect(mistakes).toEqual([
    `PUBLIC_URL: is a text of ${url.length} characters that does not fit; expected an http(s) address with a host and without user, query and fragment, e.g. https://pay.example.com`,
  ])
})

test('PUBLIC_URL that leaves a merchant no room for a notify URL is refused, by the merchant’s name', () => {
  const publicUrl = `https://pay.example.com/${'x'.repeat(206)}`
  expect(load({ merchants: [validMerchant()] }, { PUBLIC_URL: publicUrl }).publicUrl).toBe(publicUrl)
  const merchants = [{ ...validMerchant(), id: 'acme2' }]
  expect(mistakesOf(() => load({ merchants }, { PUBLIC_URL: publicUrl }))).toEqual([
    'PUBLIC_URL: is so long that the notify URL of merchant acme2 has 256 characters; expected at most 255',
  ])
})

test.each([
  ['HOST', '999.1.1.1', 'is "999.1.1.1"; expected an address or a name of this machine'],
  ['HOST', 'http://127.0.0.1', 'is "http://127.0.0.1"; expected an address or a name of this machine'],
  ['REDIS_URL', 'redis://:SECRETSECRET@h:bad', 'expected an address like redis://host:6379'],
  ['REDIS_URL', 'redis://:SECRETSECRET@h/name', 'expected an address like redis://host:6379'],
  ['MONGODB_URI', 'postgres://u:SECRETSECRET@h', 'expected an address that begins with mongodb://'],
  ['TOKEN_GRACE_SECONDS', '31536001', 'is 31536001; expected whole seconds, at most 31536000 (a year)'],
  ['CHECK_LADDER_SECONDS', '30,,60', 'expected whole seconds (below 100000000) separated by commas'],
  ['CLOSED_POLL_SCHEDULE_SECONDS', '0', 'expected whole seconds (below 100000000) separated by commas'],
  [
    'CLOSED_POLL_SCHEDULE_SECONDS',
    '600,600',
    'expected ascending seconds, each counted from the end of the order',
  ],
  ['LOG_LEVEL', 'loud', 'is "loud"; expected one of trace, debug'],
  ['ROLE', 'ALL', 'is "ALL"; expected one of all, notify, pages'],
  ['ROLE', 'notify', 'is "notify"; expected all, or nothing, in the sandbox'],
])('%s %s is refused in one line', (name, value, sentence) => {
  const mistakes = mistakesOf(() => loadConfig({ [name]: value }))
  expect(mistakes).toHaveLength(1)
  expect(mistakes[0]).toMatch(new RegExp(`^${name}: (is|has) .*; expected `))
  expect(mistakes[0]).toContain(sentence)
  expect(mistakes[0]).not.toContain('SECRETSECRET')
})

test.each(['127.0.0.1', '0.0.0.0', '::', 'localhost', 'pay.example.com'])('HOST %s is taken', (host) => {
  expect(loadConfig({ HOST: host }).host).toBe(host)
})

test.each(['redis://h', 'rediss://user:pw@h:6380/2', 'redis://127.0.0.1:6379/'])(
  'REDIS_URL %s is taken',
  (redisUrl) => {
    expect(loadConfig({ REDIS_URL: redisUrl }).redisUrl).toBe(redisUrl)
  },
)

test.each(['all', 'notify', 'pages'] as const)('ROLE %s is taken with merchants', (role) => {
  expect(load({ merchants: [validMerchant()] }, { ROLE: role }).role).toBe(role)
})

test('a merchant that can do nothing is refused', () => {
  expect(mistakesOf(() => load({ merchants: [{ id: 'acme', name: 'Acme Tea' }] }))).toEqual([
    'merchants[0]: has neither apiKeys nor wechatpay; expected a merchant that can do something',
  ])
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
