import type { KeyObject } from 'node:crypto'
import { X509Certificate } from 'node:crypto'
import type { WechatpayClient } from './client.ts'
import { parseJson } from './json.ts'
import { Distrust, quoted } from './refusal.ts'
import type { OpenResource, SealedResource } from './resource-cipher.ts'
import { certificateList, firstFlaw } from './resource.ts'

/** The platform has certificates only for accounts that were opened before it had plain public keys. */
const PATH = '/v3/certificates'

/** How long the whole download may take, in ms: a notification that waits for it must be answered within 5 s. */
const DEADLINE_MS = 4000

/** A key of the platform that works for a while. */
export interface PlatformCertificate {
  /** Upper-case hex. */
  readonly serial: string
  readonly publicKey: KeyObject
  readonly validFrom: Date
  readonly validTo: Date
}

function openCertificate(sealed: SealedResource, open: OpenResource): X509Certificate {
  try {
    return new X509Certificate(open(sealed))
  } catch {
    throw new Distrust('A platform certificate cannot be decrypted with the APIv3 key here.')
  }
}

function readCertificate(serial: string, certificate: X509Certificate): PlatformCertificate {
  const expected = certificate.serialNumber.toUpperCase()
  if (serial.toUpperCase() !== expected) {
    const sentence = `A platform certificate is listed as ${quoted(serial)} and has the serial ${expected}.`
    throw new Distrust(sentence)
  }
  if (certificate.publicKey.asymmetricKeyType !== 'rsa') {
    throw new Distrust(`The platform certificate ${expected} has no RSA key.`)
  }
  return {
    serial: expected,
    publicKey: certificate.publicKey,
    validFrom: new Date(certificate.validFrom),
    validTo: new Date(certificate.validTo),
  }
}

/**
 * Reads the answer of `GET /v3/certificates`.
 * @throws {Distrust} when one of them cannot be decrypted or is not the one that it is listed as
 */
function readCertificates(body: Buffer, open: OpenResource): readonly PlatformCertificate[] {
  const list = certificateList.safeParse(parseJson(body))
  if (!list.success) {
    throw new Distrust(`The list of certificates is not as documented: ${firstFlaw(list.error)}.`)
  }
  return list.data.data.map((entry) =>
    readCertificate(entry.serial_no, openCertificate(entry.encrypt_certificate, open)),
  )
}

/** Tells whether a certificate may be used at the given moment. */
export function isValidAt(certificate: PlatformCertificate, now: Date): boolean {
  return certificate.validFrom <= now && now <= certificate.validTo
}

/** What downloading needs: who calls, who decrypts, the time, and the keys that are known already. */
export interface CertificateSource {
  readonly client: WechatpayClient
  readonly open: OpenResource
  readonly now: () => Date
}

/**
 * Downloads the platform's certificates. The answer must be signed with a key that is known already or with a valid
 * certificate out of the answer itself, which only the platform could encrypt.
 * @throws {PaymentError} when there is no answer that can be believed
 */
export async function downloadCertificates(
  { client, open, now }: CertificateSource,
  knownKey: (serial: string) => KeyObject | undefined,
  signal: AbortSignal,
): Promise<readonly PlatformCertificate[]> {
  const own = async (serial: string, body: Buffer): Promise<KeyObject | undefined> => {
    const listed = readCertificates(body, open).find(
      (certificate) => certificate.serial === serial.toUpperCase(),
    )
    if (listed !== undefined && isValidAt(listed, now())) return listed.publicKey
    return knownKey(serial)
  }
  const answer = await client.call({
    method: 'GET',
    path: PATH,
    findKey: own,
    signal,
    deadlineMs: DEADLINE_MS,
    // Notifications cannot be verified without; the ring itself asks seldom enough.
    isUnpaused: true,
  })
  return readCertificates(answer, open)
}
