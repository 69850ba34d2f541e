// The certificate library finds its parts by metadata; this keeps them and has to be there first.
import 'reflect-metadata'
import { X509CertificateGenerator } from '@peculiar/x509'
import type { KeyObject } from 'node:crypto'
import { webcrypto } from 'node:crypto'

/** What a throw-away certificate says. */
export interface CertificateText {
  /** Hex digits, an even number of them, the first one below 8. */
  readonly serial: string
  readonly validFrom: Date
  readonly validTo: Date
  /** RSA, or elliptic on P-256. */
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
const ELLIPTIC = { name: 'ECDSA', namedCurve: 'P-256' }

async function webKeysOf({ publicKey, privateKey }: CertificateText): Promise<webcrypto.CryptoKeyPair> {
  const algorithm = publicKey.asymmetricKeyType === 'rsa' ? RSA : ELLIPTIC
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' })
  return {
    publicKey: await webcrypto.subtle.importKey('spki', spki, algorithm, true, ['verify']),
    privateKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']),
  }
}

/** A self-signed X.509 certificate for tests, as PEM. */
export async function certificatePem(text: CertificateText): Promise<string> {
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: text.serial,
    name: 'CN=throw-away',
    notBefore: text.validFrom,
    notAfter: text.validTo,
    keys: await webKeysOf(text),
  })
  return certificate.toString('pem')
}
