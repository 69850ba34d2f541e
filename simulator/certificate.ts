import { randomBytes, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/** A certificate and the serial number that it carries. */
export type Certificate = {
  /** 40 upper-case hex digits. */
  readonly serialNo: string
  readonly pem: string
}

const tags = {
  integer: 2,
  bitString: 3,
  octetString: 4,
  null: 5,
  oid: 6,
  utf8: 12,
  sequence: 0x30,
  set: 0x31,
}
const utcTimeTag = 0x17
const versionTag = 0xa0
const extensionsTag = 0xa3
const sha256WithRsa = Buffer.from('2a864886f70d01010b', 'hex')
const commonName = Buffer.from('550403', 'hex')
const organization = Buffer.from('55040a', 'hex')
const keyUsage = Buffer.from('551d0f', 'hex')
const digitalSignatureOnly = Buffer.from('03020780', 'hex')

function lengthOf(bytes: Buffer): Buffer {
  if (bytes.length < 0x80) return Buffer.from([bytes.length])
  const digits = Buffer.from(bytes.length.toString(16).padStart(bytes.length > 0xff ? 4 : 2, '0'), 'hex')
  return Buffer.concat([Buffer.from([0x80 + digits.length]), digits])
}

/** One DER element: tag, length, content. Contents here stay far below the 64 KiB that `lengthOf` can say. */
function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat(content)
  return Buffer.concat([Buffer.from([tag]), lengthOf(bytes), bytes])
}

const algorithm = der(tags.sequence, der(tags.oid, sha256WithRsa), der(tags.null))

function nameOf(common: string): Buffer {
  const entry = (oid: Buffer, text: string): Buffer =>
    der(tags.set, der(tags.sequence, der(tags.oid, oid), der(tags.utf8, Buffer.from(text))))
  return der(tags.sequence, entry(organization, 'Payment simulator'), entry(commonName, common))
}

const utcTime = (date: Date): Buffer =>
  der(utcTimeTag, Buffer.from(`${date.toISOString().slice(2, 19).replaceAll(/[-T:]/g, '')}Z`))

/** A positive number of exactly 20 bytes: the first byte must neither be zero nor look negative. */
function freshSerial(): Buffer {
  const serial = randomBytes(20)
  serial[0] = 0x40 + ((serial[0] ?? 0) % 0x40)
  return serial
}

const toPem = (bytes: Buffer): string => {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

/**
 * Makes a self-signed X.509 certificate for an RSA key, valid from a day before `now` for five years,
 * which is how long a platform certificate of WeChat Pay lives. Node can read certificates but not write them.
 */
export function makeCertificate(
  keys: { publicKey: KeyObject; privateKey: KeyObject },
  now: Date,
): Certificate {
  const serial = freshSerial()
  const from = new Date(now.getTime() - 86_400_000)
  const until = new Date(now.getTime())
  until.setUTCFullYear(until.getUTCFullYear() + 5)
  const name = nameOf('Simulated platform certificate')
  const usage = der(tags.sequence, der(tags.oid, keyUsage), der(tags.octetString, digitalSignatureOnly))
  const statement = der(
    tags.sequence,
    der(versionTag, der(tags.integer, Buffer.from([2]))),
    der(tags.integer, serial),
    algorithm,
    name,
    der(tags.sequence, utcTime(from), utcTime(until)),
    name,
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    der(extensionsTag, der(tags.sequence, usage)),
  )
  const signature = sign('sha256', statement, keys.privateKey)
  const bytes = der(
    tags.sequence,
    statement,
    algorithm,
    der(tags.bitString, Buffer.concat([Buffer.from([0]), signature])),
  )
  return { serialNo: serial.toString('hex').toUpperCase(), pem: toPem(bytes) }
}
