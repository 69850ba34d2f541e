import { createPrivateKey, createPublicKey, generateKeyPair } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { z } from 'zod'
import { makeCertificate } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { randomDigits } from './crypto.ts'

/** How the platform signs when the caller did not ask for one of its keys by name. */
export type SigningMode = 'public-key' | 'certificate'

/** A key that signs, under the name that the receiver looks it up by. */
export type SigningKey = {
  /** `PUB_KEY_ID_…` or a certificate serial number. */
  readonly serial: string
  readonly privateKey: KeyObject
}

/** Both kinds of key at once, as the platform has them while a merchant moves from one to the other. */
export type PlatformKeys = {
  readonly publicKeyId: string
  readonly publicKeyPem: string
  readonly certificate: Certificate
  readonly signingKeys: Readonly<Record<SigningMode, SigningKey>>
}

/** The platform's keys as they are kept in a file. */
export const storedKeysSchema = z.strictObject({
  publicKeyId: z.string(),
  publicKeyPrivatePem: z.string(),
  certificateSerial: z.string(),
  certificatePem: z.string(),
  certificatePrivatePem: z.string(),
})
export type StoredKeys = Readonly<z.infer<typeof storedKeysSchema>>

const generateRsa = promisify(generateKeyPair)
const toPem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()

/** Makes both keys, in the form to keep. */
export async function makePlatformKeys(now: Date): Promise<StoredKeys> {
  const options = { modulusLength: 2048 }
  const [plain, certified] = await Promise.all([generateRsa('rsa', options), generateRsa('rsa', options)])
  const certificate = await makeCertificate(certified, now)
  return {
    publicKeyId: `PUB_KEY_ID_${randomDigits(30)}`,
    publicKeyPrivatePem: toPem(plain.privateKey),
    certificateSerial: certificate.serialNo,
    certificatePem: certificate.pem,
    certificatePrivatePem: toPem(certified.privateKey),
  }
}

/** Reads keys that were kept. */
export function readPlatformKeys(stored: StoredKeys): PlatformKeys {
  const plain = createPrivateKey(stored.publicKeyPrivatePem)
  const certified = createPrivateKey(stored.certificatePrivatePem)
  return {
    publicKeyId: stored.publicKeyId,
    publicKeyPem: createPublicKey(plain).export({ type: 'spki', format: 'pem' }).toString(),
    certificate: { serialNo: stored.certificateSerial, pem: stored.certificatePem },
    signingKeys: {
      'public-key': { serial: stored.publicKeyId, privateKey: plain },
      certificate: { serial: stored.certificateSerial, privateKey: certified },
    },
  }
}

/** The key that the caller asked for by name, if it is one of ours. */
export const signingKeyNamed = (keys: PlatformKeys, serial: string): SigningKey | undefined =>
  Object.values(keys.signingKeys).find((key) => key.serial === serial)
