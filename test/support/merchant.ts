import { createHash, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto'

/** A key that the platform signs this merchant's notifications with, under the id that it goes by. */
export interface PlatformKey {
  readonly id: string
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

// Made once for each test process: an RSA key takes longer than a test.
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const platformKeys = new Map<string, PlatformKey>()

function platformKeyFor(mchId: string): PlatformKey {
  const known = platformKeys.get(mchId)
  if (known !== undefined) return known
  const key = { id: `PUB_KEY_ID_01${mchId}`, ...generateKeyPairSync('rsa', { modulusLength: 2048 }) }
  platformKeys.set(mchId, key)
  return key
}

/** A merchant with throw-away keys, as the gateway and as the platform know it. */
export function testMerchant(id: string, mchId: string) {
  const apiKey = `key_of_${id}_${randomBytes(8).toString('hex')}`
  const apiV3Key = randomBytes(16).toString('hex')
  const appIds: readonly [string, ...string[]] = [`wx${id}0000000000`, `wx${id}1111111111`]
  /** An app that is configured at the gateway and not bound to the merchant at the platform. */
  const unboundAppId = `wx${id}9999999999`
  const configuredAppIds: readonly [string, ...string[]] = [...appIds, unboundAppId]
  const certificateSerial = '5F1C72E2A8931B72A2E13AF8DEE92471EB397115'
  const name = `Merchant ${id}`
  return {
    id,
    apiKey,
    apiV3Key,
    mchId,
    appIds,
    unboundAppId,
    /** What the gateway's page parameters are signed with. */
    publicKey: rsa.publicKey,
    /** Known to the gateway beside the simulator's, so that a test can speak as the platform. */
    platformKey: platformKeyFor(mchId),
    atPlatform: {
      mchId,
      name,
      appIds,
      certificateSerial,
      apiV3Key,
      publicKeyPem: rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    },
    atGateway: {
      id,
      name,
      apiKeys: [{ name: 'backend', sha256: createHash('sha256').update(apiKey).digest('hex') }],
      wechatpay: {
        mchId,
        appIds: configuredAppIds,
        certificateSerial,
        privateKey: rsa.privateKey,
        apiV3Keys: [Buffer.from(apiV3Key)] as const,
        apiFallbackUrl: null,
      },
    },
  }
}

/** The merchant as a configuration file has it, with the platform at this address and no key of its own. */
export function merchantInFile(
  { atGateway }: TestMerchant,
  { url, platformKey: { id, publicKeyPem } }: PlatformInFile,
) {
  const { privateKey, apiV3Keys, apiFallbackUrl: _, ...wechatpay } = atGateway.wechatpay
  return {
    ...atGateway,
    wechatpay: {
      ...wechatpay,
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      apiV3Key: apiV3Keys.map(String),
      platformKeys: [{ id, publicKey: publicKeyPem }],
      apiBaseUrl: url,
    },
  }
}

interface PlatformInFile {
  readonly url: string
  readonly platformKey: { readonly id: string; readonly publicKeyPem: string }
}

/** See `testMerchant`. */
export type TestMerchant = ReturnType<typeof testMerchant>
