import type { Money } from '../domain/money.ts'
import type { PaidFact, PaymentAttempt, Platform } from '../domain/payment-fact.ts'

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

/** What verification said of a callback, from the edge inwards. Only VERIFIED carries anything to believe. */
export type NotificationReading =
  | {
      readonly verdict: 'VERIFIED'
      /** The platform's id of the notification. */
      readonly notificationId: string
      readonly eventType: string
      /** When the platform first tried to deliver it (RFC 3339 `create_time`), by its clock. */
      readonly createdAt: Date
      /** Null for an event that this gateway does not know. Its `cause` is null: who stores the callback fills it in. */
      readonly fact: PaidFact | null
    }
  | {
      readonly verdict: 'UNDECRYPTABLE'
      readonly notificationId: string
      readonly eventType: string
      readonly createdAt: Date
      /** One sentence, fit for the platform's eyes. */
      readonly reason: string
    }
  | { readonly verdict: RefusedVerdict; readonly reason: string }

/** One merchant's account at one payment platform. */
export interface MerchantPlatform {
  readonly platform: Platform
  /** The merchant's app ids, the first one being the default. */
  readonly appIds: readonly string[]
  /**
   * Opens a payment, or opens it again when the request is the same.
   * @throws {PaymentError} PLATFORM_REFUSED when the platform says no; PLATFORM_UNAVAILABLE when it could not be
   * asked or its answer is not known
   */
  prepay(request: PrepayRequest): Promise<Prepaid>
  /** Freshly signed parameters for the page of an attempt. */
  pageParameters(attempt: Pick<PaymentAttempt, 'appId' | 'prepayId'>): PageParameters
  /** Verifies and reads a callback. Never throws for what a stranger may send. */
  readNotification(raw: RawNotification): Promise<NotificationReading>
  /** Stops whatever runs in the background. */
  close(): void
}
