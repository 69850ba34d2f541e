import type { KeyObject } from 'node:crypto'
import type { PlatformFetch } from '../platform.ts'
import type { CircuitBreakerLimits } from './circuit-breaker.ts'
import type { OtherKey, OtherSecret } from './explain/known.ts'
import type { ApiV3Keys } from './resource-cipher.ts'

/** One merchant's account at WeChat Pay (API v3), its keys parsed once. */
export interface WechatpayAccount {
  readonly mchId: string
  /** The apps that may pay to this merchant, the first one being the default. */
  readonly appIds: readonly [string, ...string[]]
  /** Serial of the merchant certificate that belongs to `privateKey`. */
  readonly certificateSerial: string
  /** RSA key that signs requests and page parameters. */
  readonly privateKey: KeyObject
  /** Exactly 32 bytes each. */
  readonly apiV3Keys: ApiV3Keys
  /** What the platform signs with, by `PUB_KEY_ID_…` or certificate serial. Empty: certificates are downloaded. */
  readonly platformKeys: readonly { readonly id: string; readonly publicKey: KeyObject }[]
  readonly apiBaseUrl: string
  /** A second host for the same API, tried when the first one fails. */
  readonly apiFallbackUrl: string | null
  /** Where the platform posts notifications: absolute, without a query, at most 255 characters. */
  readonly notifyUrl: string
}

/** Where lines about outgoing calls and keys go; pino fits. */
export interface WechatpayLog {
  info(details: object, message: string): void
  warn(details: object, message: string): void
}

/** What an account's code is given by its surroundings. */
export interface WechatpayDeps {
  readonly now: () => Date
  readonly log: WechatpayLog
  /** Default: the global `fetch`. */
  readonly fetch?: PlatformFetch
  /** The most that one try of an outgoing call may take, in milliseconds. Default 5000. */
  readonly timeoutMs?: number
  /** The most that all tries of an outgoing call may take together, in milliseconds. Default 12000. */
  readonly deadlineMs?: number
  /** Pause before the next try after so many failures, in milliseconds. Default: about 150 and 450, jittered. */
  readonly pauseMs?: (failures: number) => number
  /** When calls are paused, and how long. Default: `CIRCUIT_BREAKER_LIMITS`. */
  readonly breakerLimits?: CircuitBreakerLimits
  /** Called with the time in each answer, and how long its head took; NaN when there is none. */
  readonly onPlatformTime?: (time: { readonly platformMs: number; readonly roundTripMs: number }) => void
  /** A clock that never goes back, in milliseconds. Default: the process's own. */
  readonly elapsedMs?: () => number
  /** Fresh random text of at most 32 characters. */
  readonly randomNonce?: () => string
  /** The platform's keys for other merchants: only to explain a refusal, never to believe anything. */
  readonly otherKeys?: () => Iterable<OtherKey>
  /** The APIv3 keys of other merchants: only to explain why something cannot be decrypted. */
  readonly otherSecrets?: () => Iterable<OtherSecret>
}
