import type { mongo } from 'mongoose'
import { decide, decideCreation } from '../../src/domain/decide.ts'
import { evolve, fold } from '../../src/domain/evolve.ts'
import { toFen } from '../../src/domain/money.ts'
import type { Order } from '../../src/domain/order.ts'
import type { Fact } from '../../src/domain/payment-fact.ts'
import { indexingOf as notificationIndexing } from '../../src/models/notification-record.ts'
import { indexingOf, newOrderId } from '../../src/models/order-record.ts'
import { REJECTION_COLLECTION, toRecord as rejectionRecord } from '../../src/models/rejection-record.ts'

/** How many documents a collection has when its queries are explained. */
export const DOCUMENTS = 10_000

const FIRST_AT = Date.UTC(2026, 0, 1)
const MERCHANTS = ['acme', 'acme', 'brew'] as const
const SECOND_MS = 1000

/** When the order or the notification with this index came: one a second. */
export function momentOf(index: number): Date {
  return new Date(FIRST_AT + index * SECOND_MS)
}

/** The merchant's number of the order with this index. */
export function numberOf(index: number): string {
  return `T${String(index).padStart(10, '0')}`
}

/** Whose order that is. */
export function merchantOf(index: number): string {
  return MERCHANTS[index % MERCHANTS.length] ?? 'acme'
}

/** The transaction that pays the order with this number. */
export function transactionOf(outTradeNo: string): string {
  return `4200${outTradeNo}`
}

function paymentOf(order: Order, at: Date): readonly Fact[] {
  const { outTradeNo: platformTradeNo } = order
  const source = { occurredAt: at, cause: null, platform: 'WECHATPAY', platformTradeNo } as const
  const attempt = {
    platformTradeNo,
    platform: 'WECHATPAY',
    appId: 'wxd678efh567hg6787',
    payerId: 'o-payer-1',
    createdAt: at,
  } as const
  const paid = {
    ...source,
    kind: 'paid',
    source: 'NOTIFY',
    transactionId: transactionOf(platformTradeNo),
    platformState: 'SUCCESS',
    total: toFen(100),
    payerTotal: toFen(100),
    currency: 'CNY',
    payerId: null,
    payeeMismatch: null,
  } as const
  return [{ kind: 'payment-started', source: 'API', occurredAt: at, cause: null, attempt }, paid]
}

/** One in ten is CREATED, one in ten PENDING, one in a hundred CLOSED, one in 250 has an anomaly; the others are PAID. */
function factsOf(order: Order, index: number): readonly Fact[] {
  const at = momentOf(index)
  const [started, paid] = paymentOf(order, at)
  const closed = { kind: 'closed', source: 'SYSTEM', occurredAt: at, cause: null, reason: 'EXPIRED' } as const
  if (started === undefined || paid === undefined || index % 10 === 0) return []
  if (index % 10 === 1) return [started]
  if (index % 100 === 2) return [started, closed]
  return index % 250 === 3 ? [started, paid, closed] : [started, paid]
}

/** The order with this index, as its events make it. */
export function orderNumber(index: number): Order {
  const at = momentOf(index)
  const identity = { orderId: newOrderId(at), merchantId: merchantOf(index) }
  const request = {
    outTradeNo: numberOf(index),
    description: '龙井 Longjing tea',
    amount: { total: toFen(100), currency: 'CNY' },
    expiresAt: new Date(at.getTime() + 7_200_000),
    metadata: null,
  } as const
  const created = fold([decideCreation(identity, request, at)])
  const order = factsOf(created, index).reduce(
    (known, fact) => decide(known, fact, at).reduce(evolve, known),
    created,
  )
  const numbers = order.attempts.map((attempt) => ({
    ...attempt,
    prepay: { id: `wx${attempt.platformTradeNo}`, expiresAt: order.expiresAt },
    endedAt: null,
  }))
  return { ...order, numbers }
}

/** Each order that waits for money is due at the moment at which it was created. */
function nextCheckOf({ status }: Order, index: number): Date | null {
  return status === 'PENDING' ? momentOf(index) : null
}

/** The line about an anomaly is missing; many had such a line noted once, as if each had had an anomaly. */
function reportOf({ anomalies }: Pick<Order, 'anomalies'>, index: number) {
  if (anomalies.length === 0 && index % 2 === 0) return {}
  return { unreported: anomalies.map(({ id }) => id), reportDueAt: momentOf(index) }
}

/** A document of the collection `orders`. */
export function orderDocument(index: number) {
  const { id, ...state } = orderNumber(index)
  const asking = {
    nextCheckAt: nextCheckOf({ id, ...state }, index),
    checkRung: 0,
    askedAt: null,
    askedUntil: null,
  }
  return {
    _id: id,
    ...state,
    storedAt: momentOf(index),
    ...indexingOf(state),
    ...asking,
    ...reportOf(state, index),
  }
}

const OUTCOMES = ['APPLIED', 'APPLIED', 'APPLIED', 'DUPLICATE'] as const

/** One in a hundred is UNMATCHED, and as many wait to be applied, cannot be decrypted, cannot be read, and are ignored. */
function endOf(index: number) {
  if (index % 100 === 1) return { outcome: 'UNMATCHED', verdict: 'VERIFIED' } as const
  if (index % 100 === 2) return { outcome: 'PENDING', verdict: 'VERIFIED' } as const
  if (index % 100 === 3) return { outcome: 'PENDING', verdict: 'UNDECRYPTABLE' } as const
  if (index % 100 === 4) return { outcome: 'PENDING', verdict: 'UNREADABLE' } as const
  if (index % 100 === 5) return { outcome: 'IGNORED', verdict: 'VERIFIED' } as const
  return { outcome: OUTCOMES[index % OUTCOMES.length] ?? 'APPLIED', verdict: 'VERIFIED' } as const
}

/** A document of the collection `notifications`. */
export function notificationDocument(index: number, orderId: string) {
  const at = momentOf(index)
  const end = endOf(index)
  const platformTradeNo = numberOf(index)
  const explanation = { en: 'It was received.', zh: '已收到。' }
  return {
    _id: newOrderId(at).replace('ord_', 'ntf_'),
    platform: 'WECHATPAY',
    merchantId: merchantOf(index),
    // Many have one id, as in published samples; some have no key, as before version 3.
    platformNotificationId: index % 10 === 9 ? 'EV-shared' : `EV-${index}`,
    ...(index % 10 !== 8 && { key: `key ${index}` }),
    readerVersion: index % 2,
    reported: [],
    eventType: 'TRANSACTION.SUCCESS',
    ...end,
    explanation,
    platformTradeNo,
    orderId: end.outcome === 'APPLIED' ? orderId : null,
    attempts: 1,
    firstReceivedAt: at,
    lastReceivedAt: at,
    rawHeaders: [['Wechatpay-Serial', 'PUB_KEY_ID_0']],
    rawBody: Buffer.from('{}'),
    ...notificationIndexing({ ...end, platformTradeNo, readerVersion: index % 2, reported: [] }),
  }
}

const REJECTED = [
  { verdict: 'BAD_SIGNATURE', signature: 'invalid' },
  { verdict: 'UNKNOWN_KEY', signature: 'key-unknown' },
  { verdict: 'STALE_TIMESTAMP', signature: 'valid' },
] as const

/** A document of the collection of rejected notifications. */
function rejectionDocument(index: number, orderId: string) {
  const { verdict, signature } = REJECTED[index % REJECTED.length] ?? REJECTED[0]
  const rejection = {
    platform: 'WECHATPAY',
    merchantId: merchantOf(Math.floor(index / REJECTED.length)),
    verdict,
    signature,
    ...(signature !== 'valid' && { address: `198.51.100.${index % 250}` }),
    fingerprint: signature === 'valid' ? `fingerprint ${index}` : null,
    receivedAt: momentOf(index),
    rawHeaders: [['Wechatpay-Serial', 'PUB_KEY_ID_0']],
    rawBody: Buffer.from('{}'),
    explain: () => ({ en: 'It was rejected.', zh: '已拒绝。' }),
    findOrderId: async () => orderId,
  } as const
  const record = rejectionRecord(rejection, index % 2 === 0 ? orderId : null)
  return { ...record, _id: newOrderId(momentOf(index)).replace('ord_', 'rej_') }
}

/** Fills the collections, and gives the ids of what lies in them, oldest first. */
export async function fill(database: mongo.Db) {
  const indexes = Array.from({ length: DOCUMENTS }, (_, index) => index)
  const orders = indexes.map(orderDocument)
  const rows = indexes.map((index) => notificationDocument(index, orders[index]?._id ?? ''))
  await database.collection<{ _id: string }>('orders').insertMany(orders)
  const rejections = indexes.map((index) =>
    rejectionDocument(index, orders[Math.floor(index / 10)]?._id ?? ''),
  )
  await database.collection<{ _id: string }>('notifications').insertMany(rows)
  await database.collection<{ _id: string }>(REJECTION_COLLECTION).insertMany(rejections)
  return {
    orders: orders.map(({ _id }) => _id),
    rows: rows.map(({ _id }) => _id),
    rejections: rejections.map(({ _id }) => _id),
  }
}
