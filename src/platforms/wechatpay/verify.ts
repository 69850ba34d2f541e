import type { KeyObject } from 'node:crypto'
import { platformMessage } from './canonical.ts'
import { HEADERS } from './explain/sentences.ts'
import { plainRefusal, quoted, Refusal } from './refusal.ts'
import { isSignatureOf, SIGNATURE_SCHEME } from './sign.ts'
import type { HeaderPairs, SignatureHeaders } from './signature-headers.ts'
import { readSignatureHeaders } from './signature-headers.ts'

const PROBE_PREFIX = 'WECHATPAY/SIGNTEST/'

/** How far a timestamp may be off, in seconds: less than this. */
export const MAX_SKEW_SECONDS = 300

/** A response or a notification as it arrived. */
export interface SignedMessage {
  readonly headers: HeaderPairs
  readonly body: Buffer
}

/** What verification needs to know: the time, and which key goes by a name. */
export interface Verifier {
  readonly now: () => Date
  /** Undefined for a name that nobody knows. Never rejects for a name that a stranger may send. */
  readonly findKey: (serial: string) => Promise<KeyObject | undefined>
}

function refuseOtherScheme({ signatureType }: SignatureHeaders): void {
  if (signatureType === undefined || signatureType === SIGNATURE_SCHEME) return
  const scheme = quoted(signatureType)
  const sentence = `The signature type ${scheme} is not spoken here; ${SIGNATURE_SCHEME} is.`
  throw plainRefusal('UNKNOWN_KEY', sentence, HEADERS.schemeUnknown(scheme))
}

function refuseProbe({ signature }: SignatureHeaders): void {
  if (!signature.startsWith(PROBE_PREFIX)) return
  const sentence = 'The signature is a probe: it is wrong on purpose, and refused as it should be.'
  throw plainRefusal('PROBE', sentence, HEADERS.probe)
}

function refuseStale({ timestamp }: SignatureHeaders, now: Date): void {
  const skewSeconds = Number(timestamp) - Math.floor(now.getTime() / 1000)
  const distance = Math.abs(skewSeconds)
  if (distance < MAX_SKEW_SECONDS) return
  const where = skewSeconds < 0 ? 'behind' : 'ahead of'
  throw new Refusal(
    'STALE_TIMESTAMP',
    `Wechatpay-Timestamp is ${distance} s ${where} the clock here; less than ${MAX_SKEW_SECONDS} s is accepted.`,
    { kind: 'stale', timestamp, skewSeconds },
  )
}

async function requireKey({ serial }: SignatureHeaders, verifier: Verifier): Promise<KeyObject> {
  const key = await verifier.findKey(serial)
  if (key !== undefined) return key
  throw new Refusal('UNKNOWN_KEY', `No platform key goes by the Wechatpay-Serial ${quoted(serial)}.`, {
    kind: 'key-unknown',
    serial,
  })
}

function refuseBadSignature(headers: SignatureHeaders, body: Buffer, key: KeyObject): void {
  const message = platformMessage(headers.timestamp, headers.nonce, body)
  if (isSignatureOf(message, headers.signature, key)) return
  const sentence = `The signature does not fit the body under the platform key ${quoted(headers.serial)}.`
  throw new Refusal('BAD_SIGNATURE', sentence, { kind: 'signature-wrong' })
}

/**
 * Makes sure that the platform signed this message, just now, over exactly these bytes. Says nothing about the
 * content. Notifications and responses go through the same steps, in this order.
 * @throws {Refusal} naming the first step that failed
 */
export async function verifyMessage(message: SignedMessage, verifier: Verifier): Promise<void> {
  const headers = readSignatureHeaders(message.headers)
  refuseOtherScheme(headers)
  refuseProbe(headers)
  refuseStale(headers, verifier.now())
  const key = await requireKey(headers, verifier)
  refuseBadSignature(headers, message.body, key)
}
