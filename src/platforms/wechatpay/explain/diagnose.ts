import type { KeyObject } from 'node:crypto'
import { createHash } from 'node:crypto'
import { decodeBase64 } from '../base64.ts'
import type { SignatureHeaders } from '../signature-headers.ts'
import type { Mutation, Step } from './mutations.ts'
import { changedBytes, mutationsOf } from './mutations.ts'
import { firstOf } from './known.ts'
import type { OpenSignature, SignedDigest } from './signed-digest.ts'

/** Who a key belongs to, seen from the account that got the message. */
export type Owner =
  /** The platform's key that the message names. */
  | { readonly kind: 'named'; readonly id: string }
  /** Another key of the platform for this account. */
  | { readonly kind: 'ring'; readonly id: string }
  | { readonly kind: 'merchant' }
  | { readonly kind: 'other'; readonly merchantId: string; readonly id: string }

/** A key that may have made a signature. */
export interface Suspect {
  readonly owner: Owner
  readonly publicKey: KeyObject
}

/** What was signed, compared with what arrived. */
export type SignedText =
  | { readonly kind: 'as-sent' }
  /** Nonce first, then timestamp. */
  | { readonly kind: 'swapped' }
  /** Without the line feed behind the body. */
  | { readonly kind: 'unterminated' }
  | { readonly kind: 'rewritten'; readonly steps: readonly Step[] }
  /** Another digest than SHA-256. */
  | { readonly kind: 'other-digest' }
  | { readonly kind: 'other' }

/** Why a signature does not fit. `isHeaderSpoilt`: the header holds it, and not as the platform writes it. */
export type Diagnosis =
  | { readonly kind: 'no-signature' }
  | { readonly kind: 'nobody'; readonly tried: number }
  | {
      readonly kind: 'signed'
      readonly by: Owner
      readonly text: SignedText
      readonly isHeaderSpoilt: boolean
    }

/** A message whose signature does not fit. */
export interface Unfitting {
  readonly headers: SignatureHeaders
  readonly body: Buffer
}

/** How many keys are tried: the most RSA operations that a stranger's message can cause here. */
const MAX_KEYS_TRIED = 32

/** The signature as sent, or as it was before something on the way respelt its Base64. */
function decodeSignature(text: string): { readonly bytes: Buffer; readonly isSpoilt: boolean } | undefined {
  const exact = decodeBase64(text)
  if (exact !== undefined) return { bytes: exact, isSpoilt: false }
  // A decoder of forms makes spaces of plus signs; another one may use the alphabet for addresses.
  const plain = text.trim().replaceAll('-', '+').replaceAll('_', '/').replaceAll(' ', '+').replaceAll('=', '')
  const padded = plain.padEnd(Math.ceil(plain.length / 4) * 4, '=')
  const bytes = decodeBase64(padded)
  return bytes === undefined ? undefined : { bytes, isSpoilt: true }
}

function findSigner(signature: Buffer, suspects: Iterable<Suspect>, open: OpenSignature) {
  let tried = 0
  for (const { owner, publicKey } of firstOf(suspects, MAX_KEYS_TRIED)) {
    tried += 1
    const digest = open(publicKey, signature)
    if (digest !== undefined) return { by: owner, digest, tried }
  }
  return { tried }
}

function digestOf(...parts: readonly (string | Buffer)[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** Payers see signatures by the merchant's key on their pages, so that one must not make this gateway work hard. */
function guessesAt(body: Buffer, by: Owner): Iterable<Mutation> {
  return by.kind === 'merchant' ? changedBytes(body) : mutationsOf(body)
}

function findText({ headers, body }: Unfitting, by: Owner, digest: SignedDigest): SignedText {
  if (digest === 'other-digest') return { kind: 'other-digest' }
  const { sha256 } = digest
  const { timestamp, nonce } = headers
  const head = `${timestamp}\n${nonce}\n`
  if (digestOf(head, body, '\n').equals(sha256)) return { kind: 'as-sent' }
  if (digestOf(`${nonce}\n${timestamp}\n`, body, '\n').equals(sha256)) return { kind: 'swapped' }
  for (const { steps, body: other } of guessesAt(body, by)) {
    if (digestOf(head, other, '\n').equals(sha256)) return { kind: 'rewritten', steps }
  }
  // After the others: a line feed that was added to the body gives the same bytes, and is the likelier mistake.
  if (digestOf(head, body).equals(sha256)) return { kind: 'unterminated' }
  return { kind: 'other' }
}

/**
 * Finds out why a signature does not fit: which key made it, and over which text. Anybody may ask for this at will:
 * a signature that no key here made costs at most `MAX_KEYS_TRIED` RSA operations (about 1 ms; with one merchant it is
 * two of them and 0.1 ms), and guesses at the text are made only for one that a key here did make.
 */
export function diagnose(message: Unfitting, suspects: Iterable<Suspect>, open: OpenSignature): Diagnosis {
  const signature = decodeSignature(message.headers.signature)
  if (signature === undefined) return { kind: 'no-signature' }
  const found = findSigner(signature.bytes, suspects, open)
  if (found.by === undefined) return { kind: 'nobody', tried: found.tried }
  const text = findText(message, found.by, found.digest)
  return { kind: 'signed', by: found.by, text, isHeaderSpoilt: signature.isSpoilt }
}
