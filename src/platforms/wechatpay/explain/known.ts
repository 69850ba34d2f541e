import type { KeyObject } from 'node:crypto'
import type { ApiV3Keys } from '../resource-cipher.ts'
import type { OpenSignature } from './signed-digest.ts'

/** A key of the platform and the name that it goes by. */
export interface NamedKey {
  readonly id: string
  readonly publicKey: KeyObject
}

/** A key that the platform signs another merchant's messages with. */
export interface OtherKey extends NamedKey {
  readonly merchantId: string
}

/** The APIv3 keys of another merchant. */
export interface OtherSecret {
  readonly merchantId: string
  readonly apiV3Keys: ApiV3Keys
}

/** What is known here that may explain a message. */
export interface Known {
  readonly account: {
    /** Serial of the merchant's own certificate. */
    readonly certificateSerial: string
  }
  /** The public half of the key that the merchant signs requests with. */
  readonly merchantKey: KeyObject
  /** The keys of the platform for this account that are valid now. */
  readonly ringKeys: () => readonly NamedKey[]
  readonly otherKeys: () => Iterable<OtherKey>
  readonly otherSecrets: () => Iterable<OtherSecret>
  readonly openSignature: OpenSignature
}

/** The first so many of a list that may be long: what a message from anywhere may cost has a bound. */
export function* firstOf<T>(list: Iterable<T>, most: number): Generator<T> {
  let taken = 0
  for (const item of list) {
    yield item
    taken += 1
    if (taken === most) return
  }
}

/** Tells whether a message that names this serial means this key. */
export function isNamed({ id }: Pick<NamedKey, 'id'>, serial: string): boolean {
  return id.toUpperCase() === serial.toUpperCase()
}
