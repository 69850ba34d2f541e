import type { KeyObject } from 'node:crypto'
import type { SignatureState } from '../platform.ts'
import { decodeBase64 } from './base64.ts'
import { platformMessage } from './canonical.ts'
import { HEADERS } from './explain/sentences.ts'
import { plainRefusal, quoted, Refusal, type RefusalCode } from './refusal.ts'
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

/** What the platform writes in these headers; a message that has something else there is not its message. */
const NONCE = /^[\x21-\x7e]{1,128}$/
const SERIAL = /^[\w-]{8,128}$/

function isWellFormed({ nonce, serial, signature }: SignatureHeaders): boolean {
  return NONCE.test(nonce) && SERIAL.test(serial) && decodeBase64(signature) !== undefined
}

/** The code of a message whose key is not known here. */
function keyUnknown(headers: SignatureHeaders): RefusalCode {
  const signature = isWellFormed(headers) ? 'key-unknown' : 'invalid'
  return { verdict: 'UNKNOWN_KEY', signature, serial: headers.serial }
}

function refuseOtherScheme(headers: SignatureHeaders): void {
  const { signatureType } = headers
  if (signatureType === undefined || signatureType === SIGNATURE_SCHEME) return
  const scheme = quoted(signatureType)
  const sentence = `The signature type ${scheme} is not spoken here; ${SIGNATURE_SCHEME} is.`
  throw plainRefusal(keyUnknown(headers), sentence, HEADERS.schemeUnknown(scheme))
}

function refuseProbe({ signature, serial }: SignatureHeaders): void {
  if (!signature.startsWith(PROBE_PREFIX)) return
  const sentence = 'The signature is a probe: it is wrong on purpose, and refused as it should be.'
  throw plainRefusal({ verdict: 'PROBE', signature: 'invalid', serial }, sentence, HEADERS.probe)
}

function refuseStale({ timestamp, serial }: SignatureHeaders, signature: SignatureState, now: Date): void {
  const skewSeconds = Number(timestamp) - Math.floor(now.getTime() / 1000)
  const distance = Math.abs(skewSeconds)
  if (distance < MAX_SKEW_SECONDS) return
  const where = skewSeconds < 0 ? 'behind' : 'ahead of'
  throw new Refusal(
    { verdict: 'STALE_TIMESTAMP', signature, serial },
    `Wechatpay-Timestamp is ${distance} s ${where} the clock here; less than ${MAX_SKEW_SECONDS} s is accepted.`,
    { kind: 'stale', timestamp, skewSeconds },
  )
}

/** Why the signature is not believed; undefined when it is. One RSA operation at most. */
async function signatureRefusal(
  headers: SignatureHeaders,
  body: Buffer,
  { findKey }: Verifier,
): Promise<Refusal | undefined> {
  const { serial, timestamp, nonce } = headers
  const key = await findKey(serial)
  if (key === undefined) {
    const sentence = `No platform key goes by the Wechatpay-Serial ${quoted(serial)}.`
    return new Refusal(keyUnknown(headers), sentence, { kind: 'key-unknown', serial })
  }
  if (isSignatureOf(platformMessage(timestamp, nonce, body), headers.signature, key)) return undefined
  const sentence = `The signature does not fit the body under the platform key ${quoted(serial)}.`
  const code = { verdict: 'BAD_SIGNATURE', signature: 'invalid', serial } as const
  return new Refusal(code, sentence, { kind: 'signature-wrong' })
}

/**
 * Makes sure that the platform signed this message, just now, over exactly these bytes. Says nothing about the
 * content. Notifications and responses go through the same steps. The signature of a stale message is checked too, because
 * a signed one is kept in another way than what anybody can make; its verdict is that of its time.
 * @throws {Refusal} naming the first step that failed: headers, scheme, probe, time, key, signature
 */
export async function verifyMessage(
  { headers: sent, body }: SignedMessage,
  verifier: Verifier,
): Promise<void> {
  const now = verifier.now()
  const headers = readSignatureHeaders(sent)
  refuseOtherScheme(headers)
  refuseProbe(headers)
  const refusal = await signatureRefusal(headers, body, verifier)
  refuseStale(headers, refusal?.code.signature ?? 'valid', now)
  if (refusal !== undefined) throw refusal
}
