import type { Explanation } from '../domain/explanation.ts'
import type { Money } from '../domain/money.ts'
import type { PaidFact, Platform } from '../domain/payment-fact.ts'

/** What a payment needs to know of its order, in the platform's terms. Identical requests are the same payment. */
export interface PrepayRequest {
  readonly platformTradeNo: string
  readonly description: string
  readonly amount: Money
  readonly expiresAt: Date
  readonly appId: string
  readonly payerId: string
}

/** The platform's handle for a payment that a page can now make. */
export interface Prepaid {
  readonly prepayId: string
  readonly prepayExpiresAt: Date
}

/** What parameters for a page are made of. */
export interface PayablePayment {
  readonly appId: string
  readonly prepayId: string
}

/** What the page hands to WeixinJSBridge `getBrandWCPayRequest`, `wx.chooseWXPay` or `wx.requestPayment`. */
export interface WechatpayPageParameters {
  readonly appId: string
  /** Unix seconds, as text. */
  readonly timeStamp: string
  readonly nonceStr: string
  /** `prepay_id=…` */
  readonly package: string
  readonly signType: string
  /** Base64 RSA-SHA256 signature over the other four. */
  readonly paySign: string
}

/** Parameters for the payer's page, by platform. */
export interface PageParameters {
  readonly wechatpay?: WechatpayPageParameters
}

/** A callback exactly as it arrived. Header names are as sent; a name that was sent twice stands twice. */
export interface RawNotification {
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
}

/** Why a callback is refused. */
export type RefusedVerdict = 'BAD_SIGNATURE' | 'STALE_TIMESTAMP' | 'UNKNOWN_KEY' | 'PROBE' | 'MALFORMED'

/**
 * What is known of the signature of a rejected notification. `absent`: one of its headers is missing. `invalid`: it does not
 * verify, or its headers are malformed. `key-unknown`: its headers are well formed, and no key of that id is known for this
 * merchant. `valid`: it verifies under a key of this merchant, so only the platform can have made it.
 */
export type SignatureState = 'absent' | 'invalid' | 'key-unknown' | 'valid'

/** What a notification says that can be believed. */
export type NotificationContent =
  /** The fact's `cause` is null: it becomes the id of the stored notification. */
  | { readonly fact: PaidFact }
  /** Something that this gateway does not handle. */
  | {
      readonly fact: null
      /** What it is, in a sentence for operators and merchants. */
      readonly notHandled: Explanation
      /** The number that it names somewhere; null when it names none. It says under which order the notification is listed. */
      readonly platformTradeNo: string | null
    }

/**
 * Raised whenever reading notifications learns something, e.g. a spelling, a shape or an event. What an earlier version
 * ignored is read again then, once.
 */
export const READER_VERSION = 2

/** What the bytes of a notification say whose signature was verified. */
export type GenuineReading =
  | ({
      readonly verdict: 'VERIFIED'
      /** The platform's id of the notification. */
      readonly notificationId: string
      readonly eventType: string
      /** In hex, of the decrypted text: the same however often that is encrypted. */
      readonly contentSha256: string
    } & NotificationContent)
  | {
      readonly verdict: 'UNDECRYPTABLE'
      readonly notificationId: string
      readonly eventType: string
      /** One sentence, fit for the platform's eyes. */
      readonly reason: string
      /** The same for the operator's eyes: it may name keys by their serial. */
      readonly explanation: Explanation
    }
  /** The platform made it, and this version cannot read it: its shape is not known here. */
  | {
      readonly verdict: 'UNREADABLE'
      /** Null when it could not be read. */
      readonly notificationId: string | null
      /** Null when it could not be read. */
      readonly eventType: string | null
      /** Null when it could not be decrypted. */
      readonly contentSha256: string | null
      /** The number that it names somewhere; null when it names none. */
      readonly platformTradeNo: string | null
      readonly reason: string
      readonly explanation: Explanation
    }

/** Why a notification is rejected. */
export interface RejectedReading {
  readonly verdict: RefusedVerdict
  readonly signature: SignatureState
  /** The id of the key that the message names, as sent; null when that could not be read. */
  readonly keyId: string | null
  /** One sentence, fit for the platform's eyes. */
  readonly reason: string
  /** The same for the operator's eyes. It may take dozens of RSA operations, so it is computed only when called. */
  readonly explain: () => Explanation
  /**
   * The number of a payment that it names somewhere, also inside the encryption; null when it names none. It may be
   * forged, so it only says under which order the notification is listed. It may take a decryption, so it is computed only
   * when called.
   */
  readonly namedTradeNo: () => string | null
}

/** What verification said of a notification. Only VERIFIED carries anything to believe. */
export type NotificationReading = GenuineReading | RejectedReading

/** What the platform says of a payment when it is asked. `platformState` is its own word, e.g. `NOTPAY`. */
export type PlatformReport =
  | { readonly kind: 'paid'; readonly fact: PaidFact }
  /** It can still be paid, or is being paid right now. */
  | { readonly kind: 'open'; readonly platformState: string }
  /** It ended unpaid. */
  | { readonly kind: 'closed'; readonly platformState: string }
  /** The platform knows no payment of that number (yet): it was never opened there. */
  | { readonly kind: 'absent' }

/**
 * What became of closing a payment at the platform. Refusals are not signed, so `paid` and `absent`, and `closed` for
 * what was closed before, are its word without proof: ask `query` before anything depends on it. `in-doubt`: the payer
 * may be paying this very moment; query, and close again later.
 */
export type ClosingResult = 'closed' | 'paid' | 'absent' | 'in-doubt'

/** A request to a platform: the part of what `fetch` takes that is used. */
export interface PlatformRequest {
  readonly method: 'GET' | 'POST'
  readonly headers: Record<string, string>
  readonly redirect: 'manual'
  readonly signal: AbortSignal
  readonly body?: string
}

/** The answer to one: the part of a `Response` that is used. */
export interface PlatformResponse {
  readonly ok: boolean
  readonly status: number
  readonly headers: Iterable<readonly [name: string, value: string]> & {
    get(name: string): string | null
  }
  readonly body: AsyncIterable<Uint8Array> | null
}

/** What sends requests to platforms; the global `fetch` fits. */
export type PlatformFetch = (url: URL, init: PlatformRequest) => Promise<PlatformResponse>

/**
 * Whether calls of an account are sent. `paused`: none is, for a while, because the platform limits them or has given no
 * usable answer to several in a row. `trial`: the pause is over, and one call is sent to find out whether it has to go on.
 */
export type AccountReadiness = 'ready' | 'trial' | 'paused'

/** One merchant's account at one payment platform. */
export interface MerchantPlatform {
  readonly platform: Platform
  /** The merchant's app ids, the first one being the default. */
  readonly appIds: readonly string[]
  /** Calls of a paused account end at once with PLATFORM_UNAVAILABLE, for the reason `paused`. */
  readiness(): AccountReadiness
  /**
   * Opens a payment, or opens it again when the request is the same.
   * @throws {PaymentError} PLATFORM_REFUSED when the platform says no; PLATFORM_UNAVAILABLE when it could not be
   * asked or its answer is not known
   */
  prepay(request: PrepayRequest): Promise<Prepaid>
  /** Freshly signed parameters for the page of an attempt. */
  pageParameters(payment: PayablePayment): PageParameters
  /**
   * Asks what became of a payment.
   * @throws {PaymentError} as `prepay` does; PLATFORM_UNAVAILABLE too when the answer is about another payment
   */
  query(platformTradeNo: string): Promise<PlatformReport>
  /**
   * Closes a payment at the platform, so that nobody can pay it any more. May be repeated.
   * @throws {PaymentError} as `prepay` does
   */
  close(platformTradeNo: string): Promise<ClosingResult>
  /**
   * Verifies and reads a callback. Never throws for what a stranger may send.
   * @param options `at`: when the callback was received, for one that is read again later; its timestamp is compared
   * with that moment. Default: now.
   */
  readNotification(raw: RawNotification, options?: { readonly at?: Date }): Promise<NotificationReading>
  /** Reads the body of a notification whose signature was verified when it came: only its content is looked at. */
  readStored(body: Buffer): GenuineReading
  /** Stops whatever runs in the background, and ends every call under way and to come with PLATFORM_UNAVAILABLE. */
  disconnect(): void
}
