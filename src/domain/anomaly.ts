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

/** One anomaly of one order. */
export interface Anomaly {
  /** Unique within its order and derived from the facts, so that the same fact twice is the same anomaly. */
  readonly id: string
  readonly kind: AnomalyKind
  /** One sentence for the operator. */
  readonly detail: string
  readonly detectedAt: Date
  readonly resolvedAt: Date | null
  /** What the operator wrote when settling it. */
  readonly resolution: string | null
}
