import { HEADERS } from './explain/sentences.ts'
import { plainRefusal, type RefusalCode } from './refusal.ts'

const MALFORMED: RefusalCode = { verdict: 'MALFORMED', signature: 'invalid' }

/** What a message says of its own signature. Nothing of it is believed before the signature is. */
export interface SignatureHeaders {
  /** Unix seconds, as sent. */
  readonly timestamp: string
  readonly nonce: string
  /** Certificate serial or `PUB_KEY_ID_…`. */
  readonly serial: string
  readonly signature: string
  readonly signatureType: string | undefined
}

/** Header names and values as they arrived; a name that was sent twice stands twice. */
export type HeaderPairs = readonly (readonly [name: string, value: string])[]

function only(headers: HeaderPairs, name: string): string | undefined {
  const wanted = name.toLowerCase()
  const found = headers.filter(([sent]) => sent.toLowerCase() === wanted)
  if (found.length <= 1) return found[0]?.[1]
  const times = found.length
  const sentence = `The header ${name} was sent ${times} times; it must be sent once.`
  throw plainRefusal(MALFORMED, sentence, HEADERS.repeated(name, times))
}

/** A header without a value says no more than one that is not there. */
function optional(headers: HeaderPairs, name: string): string | undefined {
  const value = only(headers, name)
  return value === '' ? undefined : value
}

function required(headers: HeaderPairs, name: string): string {
  const value = optional(headers, name)
  if (value !== undefined) return value
  const code = { verdict: 'MALFORMED', signature: 'absent' } as const
  throw plainRefusal(code, `The header ${name} is missing.`, HEADERS.missing(name))
}

/**
 * Picks the signature's headers out of all headers, in any case of letters.
 * @throws {Refusal} MALFORMED when one is missing, empty, sent twice, or the timestamp is not a decimal integer
 */
export function readSignatureHeaders(headers: HeaderPairs): SignatureHeaders {
  const read = {
    timestamp: required(headers, 'Wechatpay-Timestamp'),
    nonce: required(headers, 'Wechatpay-Nonce'),
    serial: required(headers, 'Wechatpay-Serial'),
    signature: required(headers, 'Wechatpay-Signature'),
    signatureType: optional(headers, 'Wechatpay-Signature-Type'),
  }
  if (/^\d{1,15}$/.test(read.timestamp)) return read
  const sentence = 'The header Wechatpay-Timestamp is not a decimal number of seconds.'
  const isSwapped = /^\d{10}$/.test(read.nonce)
  throw plainRefusal(MALFORMED, sentence, isSwapped ? HEADERS.swapped : HEADERS.timestampUnreadable)
}
