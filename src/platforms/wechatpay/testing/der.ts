import type { KeyObject } from 'node:crypto'
import { sign } from 'node:crypto'

/** One DER value: tag, length, content. */
function value(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const bytes = Buffer.concat(content)
  if (bytes.length < 0x80) return Buffer.concat([Buffer.from([tag, bytes.length]), bytes])
  const length = Buffer.from(bytes.length.toString(16).padStart(4, '0'), 'hex')
  return Buffer.concat([Buffer.from([tag, 0x82]), length, bytes])
}

const SEQUENCE = 0x30
const hex = (digits: string): Buffer => Buffer.from(digits, 'hex')

const SHA256_WITH_RSA = value(SEQUENCE, value(0x06, hex('2a864886f70d01010b')), value(0x05))
const COMMON_NAME = value(0x06, hex('550403'))

function time(moment: Date): Buffer {
  const digits = moment.toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return value(0x18, Buffer.from(digits))
}

/** What a throw-away certificate says. */
export interface CertificateText {
  /** Hex digits, an even number of them, the first one below 8. */
  readonly serial: string
  readonly validFrom: Date
  readonly validTo: Date
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

/** A self-signed X.509 certificate for tests, as PEM. */
export function certificatePem(text: CertificateText): string {
  const name = value(
    SEQUENCE,
    value(0x31, value(SEQUENCE, COMMON_NAME, value(0x0c, Buffer.from('throw-away')))),
  )
  const content = value(
    SEQUENCE,
    value(0xa0, value(0x02, hex('02'))),
    value(0x02, hex(text.serial)),
    SHA256_WITH_RSA,
    name,
    value(SEQUENCE, time(text.validFrom), time(text.validTo)),
    name,
    text.publicKey.export({ type: 'spki', format: 'der' }),
  )
  const signature = sign('sha256', content, text.privateKey)
  const der = value(SEQUENCE, content, SHA256_WITH_RSA, value(0x03, hex('00'), signature))
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
