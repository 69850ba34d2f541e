import type { Fen } from './money.ts'

/** The payment platforms that Paybell speaks. */
export type Platform = 'WECHATPAY' | 'ALIPAY'

/** Who reported what an event says. */
export type EventSource = 'NOTIFY' | 'QUERY' | 'BILL' | 'API' | 'OPERATOR' | 'SYSTEM'

/** Why an order ended unpaid. */
export type CloseReason = 'EXPIRED' | 'MERCHANT' | 'PLATFORM'

/** A payment that was started: a payer was given the parameters to pay it. */
export interface PaymentAttempt {
  /** The `out_trade_no` at the platform: the order's own number for the first attempt. */
  readonly platformTradeNo: string
  readonly platform: Platform
  readonly appId: string
  /** The payer's id under `appId`. Personal data: it never reaches a log or the API. */
  readonly payerId: string
  readonly createdAt: Date
}

interface FactOrigin {
  readonly source: EventSource
  /** When it happened, by the reporter's clock. */
  readonly occurredAt: Date
  /** The stored notification that reported it, so that its effect can be found again; null for other doors. */
  readonly cause: string | null
}

/** The platform handed out a payment that a page can now make. */
export interface PaymentStartedFact extends FactOrigin {
  readonly kind: 'payment-started'
  readonly attempt: PaymentAttempt
}

/** A platform says that money arrived. Whether it is believed is the order's business (see `decide`). */
export interface PaidFact extends FactOrigin {
  readonly kind: 'paid'
  readonly platform: Platform
  readonly platformTradeNo: string
  /** The platform's id of the money's movement; the same payment always has the same one. */
  readonly transactionId: string
  /** The platform's raw state, e.g. `SUCCESS`. */
  readonly platformState: string
  /** What the order was for, in fen. This is what is compared; coupons never change it. */
  readonly total: Fen
  /** What the payer really paid, in fen; less than `total` when coupons helped. */
  readonly payerTotal: Fen | null
  readonly currency: string
  /** The payer's id at the platform; null when it does not say. Personal data: it never reaches a log or the API. */
  readonly payerId: string | null
  /** One sentence when the payee (mchid, appid) is not this merchant; null when it is. */
  readonly payeeMismatch: string | null
  /** The `outTradeNo` of another order that this transaction has paid; absent when it is not known to have paid one. */
  readonly paidOrder?: string
}

/** Every attempt of an order was closed at its platform, so that nobody can pay it any more. */
export interface ClosedFact extends FactOrigin {
  readonly kind: 'closed'
  readonly reason: CloseReason
}

/** A person settled an anomaly. */
export interface AnomalyResolvedFact extends FactOrigin {
  readonly kind: 'anomaly-resolved'
  readonly anomalyId: string
  /** What was done about it. */
  readonly resolution: string
}

/** Anything that somebody may report about an order. All doors (notify, query, bill, API) speak these few types. */
export type Fact = PaymentStartedFact | PaidFact | ClosedFact | AnomalyResolvedFact
