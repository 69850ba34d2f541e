import type { Fen } from './money.ts'
import type { Platform } from './payment-fact.ts'

/** Something about an order's money that a person has to look at. It stands beside the status and never replaces it. */
export type AnomalyKind =
  | 'PAID_AFTER_CLOSE'
  | 'DUPLICATE_PAYMENT'
  | 'AMOUNT_MISMATCH'
  | 'MERCHANT_MISMATCH'
  | 'PAID_BEFORE_ORDER'
  | 'TRANSACTION_REUSED'
  | 'REFUND_ABNORMAL'
  | 'REFUND_UNEXPECTED'

/** What a platform reported of a payment: all that is needed to send the money back, believed or not. */
export interface ReportedPayment {
  readonly platform: Platform
  readonly platformTradeNo: string
  readonly transactionId: string
  /** The platform's raw state, e.g. `SUCCESS`. */
  readonly platformState: string
  /** What the platform says that the order was for, in the minor unit of `currency`. */
  readonly total: Fen
  readonly currency: string
  /** What the payer really paid, in the same unit. */
  readonly payerTotal: Fen | null
  /** The payer's id at the platform. Personal data: it never reaches a log or the API. */
  readonly payerId: string | null
  /** When the money moved, by the platform's clock. */
  readonly paidAt: Date
}

/** One anomaly of one order. */
export interface Anomaly {
  /** Unique within its order and derived from the facts, so that the same fact twice is the same anomaly. */
  readonly id: string
  readonly kind: AnomalyKind
  /** One sentence for the operator. */
  readonly detail: string
  /** The payment that it is about; null when it is about the order. Absent in what an earlier version stored. */
  readonly payment?: ReportedPayment | null
  readonly detectedAt: Date
  readonly resolvedAt: Date | null
  /** What the operator wrote when settling it. */
  readonly resolution: string | null
}
