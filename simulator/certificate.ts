// The certificate library finds its parts by metadata; this keeps them and has to be there first.
import 'reflect-metadata'
import { KeyUsageFlags, KeyUsagesExtension, X509CertificateGenerator } from '@peculiar/x509'
import { randomBytes, webcrypto } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/** A certificate and the serial number that it carries. */
export type Certificate = {
  /** 40 upper-case hex digits. */
  readonly serialNo: string
  readonly pem: string
}

const dayMs = 86_400_000
const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }

/** A positive number of exactly 20 bytes: the first byte must neither be zero nor look negative. */
function freshSerial(): string {
  const serial = randomBytes(20)
  serial[0] = 0x40 + ((serial[0] ?? 0) % 0x40)
  return serial.toString('hex').toUpperCase()
}

async function toWebKeys(keys: {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}): Promise<webcrypto.CryptoKeyPair> {
  const spki = keys.publicKey.export({ type: 'spki', format: 'der' })
  const pkcs8 = keys.privateKey.export({ type: 'pkcs8', format: 'der' })
  const [publicKey, privateKey] = await Promise.all([
    webcrypto.subtle.importKey('spki', spki, algorithm, true, ['verify']),
    webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']),
  ])
  return { publicKey, privateKey }
}

/**
 * Makes a self-signed X.509 certificate for an RSA key, valid from a day before `now` for five years,
 * which is how long a platform certificate of WeChat Pay lives.
 */
export async function makeCertificate(
  keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject },
  now: Date,
): Promise<Certificate> {
  const serialNo = freshSerial()
  const notAfter = new Date(now)
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + 5)
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNo,
    name: 'O=Payment simulator, CN=Simulated platform certificate',
    notBefore: new Date(now.getTime() - dayMs),
    notAfter,
    keys: await toWebKeys(keys),
    extensions: [new KeyUsagesExtension(KeyUsageFlags.digitalSignature)],
  })
  return { serialNo, pem: `${certificate.toString('pem')}\n` }
}
