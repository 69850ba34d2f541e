import { property, textOf } from './graphql.ts'

/** Where an order stands. `PAID` is final; `CLOSED` is too, unless money arrives that was on its way. */
export type OrderStatus = 'CREATED' | 'PENDING' | 'PAID' | 'CLOSED'

/** Why an order ended unpaid: nobody paid in time, the merchant closed it, or it was closed at the platform. */
export type CloseReason = 'EXPIRED' | 'MERCHANT' | 'PLATFORM'

/** An order as its payer may see it. */
export interface WatchedOrder {
  readonly id: string
  /** The merchant's own number. */
  readonly outTradeNo: string
  readonly description: string
  /** The name that people know the merchant by; null when the gateway does not say. */
  readonly merchantName: string | null
  readonly status: OrderStatus
  /** Null unless CLOSED. */
  readonly closeReason: CloseReason | null
  /** Number of the order's newest event: of two versions, the higher one is the newer one. */
  readonly seq: number
  readonly amount: {
    /** In minor units: fen for CNY. */
    readonly total: number
    /** ISO 4217, e.g. `CNY`. */
    readonly currency: string
  }
  /** Until when it can be paid; RFC 3339. */
  readonly expiresAt: string
  /** When the money moved, by the platform's clock; RFC 3339. Null unless PAID. */
  readonly paidAt: string | null
  /** The platform's number of the payment. Null unless PAID. */
  readonly transactionId: string | null
}

/** The selection that `readOrder` reads. */
export const ORDER_FIELDS =
  'id outTradeNo description status closeReason seq expiresAt paidAt transactionId amount { total currency } merchant { name }'

/** Reads an order. Variable: `id`, which may be absent with an order's own token. */
export const READ_ORDER = `query ($id: ID) { order(id: $id) { ${ORDER_FIELDS} } }`
/** Has the gateway ask the platform. Variable: `id`. */
export const CONFIRM = `mutation ($id: ID!) { confirmPayment(orderId: $id) {
  ... on OrderSuccess { order { ${ORDER_FIELDS} } } } }`
/** Tells every event after a cursor, each with the order as it then is. Variables: `id`, `after`. */
export const EVENTS = `subscription ($id: ID!, $after: Int) {
  orderEvents(id: $id, after: $after) { order { ${ORDER_FIELDS} } } }`

const STATUSES: readonly OrderStatus[] = ['CREATED', 'PENDING', 'PAID', 'CLOSED']
const REASONS: readonly CloseReason[] = ['EXPIRED', 'MERCHANT', 'PLATFORM']

/** Reads an order out of a GraphQL answer; null when there is none, or when it is nothing that this client understands. */
export function readOrder(value: unknown): WatchedOrder | null {
  const amount = property(value, 'amount')
  const total = Number(property(amount, 'total'))
  const seq = Number(property(value, 'seq'))
  const status = pick(STATUSES, property(value, 'status'))
  const expiresAt = textOf(value, 'expiresAt')
  const isWhole = Number.isSafeInteger(total) && Number.isSafeInteger(seq)
  if (status === undefined || !isWhole || Number.isNaN(Date.parse(expiresAt))) return null
  return {
    id: textOf(value, 'id'),
    outTradeNo: textOf(value, 'outTradeNo'),
    description: textOf(value, 'description'),
    merchantName: textOf(property(value, 'merchant'), 'name') || null,
    status,
    closeReason: pick(REASONS, property(value, 'closeReason')) ?? null,
    seq,
    amount: { total, currency: textOf(amount, 'currency') },
    expiresAt,
    paidAt: textOf(value, 'paidAt') || null,
    transactionId: textOf(value, 'transactionId') || null,
  }
}

function pick<T>(known: readonly T[], value: unknown): T | undefined {
  return known.find((one) => one === value)
}
