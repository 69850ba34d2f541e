import { createPublicKey, generateKeyPair, randomBytes } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { randomText } from './crypto.ts'
import type { MerchantOptions } from './merchants.ts'
import { readIfPresent } from './pages.ts'
import { writePrivately } from './storage.ts'

/** A merchant for trying things out, and where its half of the secrets lies. */
export type DemoMerchant = {
  readonly merchant: MerchantOptions
  readonly files: {
    readonly privateKey: string
    readonly apiV3Key: string
    /** The platform's public key; written once the platform has one. */
    readonly platformPublicKey: string
  }
}

const mchId = '1900000109'
const appId = 'wxd678efh567hg6787'
const recordSchema = z.object({ certificateSerial: z.string() })
const generateRsa = promisify(generateKeyPair)

/**
 * Finds the demo merchant in `dataDir/merchant`, or makes it there: a key pair, a certificate serial number and an
 * APIv3 key, under the file names that the real platform gives them.
 */
export async function prepareDemoMerchant(dataDir: string): Promise<DemoMerchant> {
  const folder = resolve(dataDir, 'merchant')
  const files = {
    privateKey: join(folder, 'apiclient_key.pem'),
    apiV3Key: join(folder, 'apiv3_key.txt'),
    platformPublicKey: join(folder, 'pub_key.pem'),
  }
  const recordPath = join(folder, 'merchant.json')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if ((await readIfPresent(recordPath)) === undefined) {
    const { privateKey } = await generateRsa('rsa', { modulusLength: 2048 })
    await writePrivately(files.privateKey, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
    await writePrivately(files.apiV3Key, randomText(32))
    // Last, because its presence says that the rest is complete.
    const certificateSerial = randomBytes(20).toString('hex').toUpperCase()
    await writePrivately(recordPath, JSON.stringify({ mchId, appId, certificateSerial }, undefined, 2))
  }
  const record = recordSchema.parse(JSON.parse(await readFile(recordPath, 'utf8')))
  const publicKey = createPublicKey(await readFile(files.privateKey, 'utf8'))
  const merchant = {
    mchId,
    name: 'Demo Tea House',
    appIds: [appId],
    certificateSerial: record.certificateSerial,
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    apiV3Key: await readFile(files.apiV3Key, 'utf8'),
  }
  return { merchant, files }
}

/** How to point a WeChat Pay SDK at a simulator, as lines to print; names files instead of showing secrets. */
export const demoInstructions = (demo: DemoMerchant, url: string, publicKeyId: string): string => `
A demo merchant is ready. Give your WeChat Pay SDK:

  API base URL           ${url}   (in place of https://api.mch.weixin.qq.com)
  merchant number        ${demo.merchant.mchId}
  appid                  ${demo.merchant.appIds.join(', ')}
  certificate serial     ${demo.merchant.certificateSerial}
  merchant private key   ${demo.files.privateKey}
  APIv3 key              ${demo.files.apiV3Key}
  platform public key    ${demo.files.platformPublicKey}
  public key id          ${publicKeyId}

Pages that pay load ${url}/client/weixin-js-bridge.js as a classic script.
`
