import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Clock } from './clock.ts'
import { buildEnvelope } from './envelope.ts'
import type { Resource } from './envelope.ts'
import type { PaidOrder } from './order.ts'
import { toTransaction } from './transaction.ts'

const attemptSchema = z.object({
  at: z.iso.datetime(),
  /** HTTP status; absent when nobody answered. */
  status: z.int().optional(),
  /** The beginning of the answer. */
  answer: z.string().optional(),
  error: z.string().optional(),
  milliseconds: z.int(),
  /** Whether a person asked for this one outside the schedule. */
  manual: z.boolean(),
  /** The kind of fault that struck it. */
  fault: z.string().optional(),
  /** IGNORED: the answer does not count. LOST: neither sent nor ever to be sent again. */
  verdict: z.enum(['IGNORED', 'LOST']).optional(),
})
/** One try to deliver a notification, and what came of it. */
export type Attempt = Readonly<z.infer<typeof attemptSchema>>

/** A notification as it is kept; what it says about the payment is only in the encrypted body. */
export const notificationSchema = z.object({
  id: z.string(),
  mchId: z.string(),
  outTradeNo: z.string(),
  eventType: z.string(),
  url: z.string(),
  /** The exact text that every attempt posts. */
  body: z.string(),
  createdAt: z.iso.datetime(),
  state: z.enum(['PENDING', 'DELIVERED', 'GAVE_UP', 'LOST']),
  /** The latest attempts, oldest first. */
  attempts: z.array(attemptSchema.readonly()).readonly(),
  /** How many attempts of the schedule were made. */
  scheduledTries: z.int(),
  /** When the next attempt is due; only while PENDING. */
  nextAttemptAt: z.iso.datetime().optional(),
})
export type Notification = Readonly<z.infer<typeof notificationSchema>>

/** The resource that reports a payment. */
const paymentResource = (order: PaidOrder): Resource => ({
  eventType: 'TRANSACTION.SUCCESS',
  summary: '支付成功',
  originalType: 'transaction',
  value: toTransaction(order),
})

/** The notification of a payment, due at once. */
export function paymentNotification(order: PaidOrder, apiV3Key: string, now: Clock): Notification {
  const resource = paymentResource(order)
  const id = randomUUID()
  const createdAt = now()
  return {
    id,
    mchId: order.mchId,
    outTradeNo: order.outTradeNo,
    eventType: resource.eventType,
    url: order.notifyUrl,
    body: buildEnvelope(resource, { id, createdAt, apiV3Key }),
    createdAt: createdAt.toISOString(),
    state: 'PENDING',
    attempts: [],
    scheduledTries: 0,
    nextAttemptAt: createdAt.toISOString(),
  }
}
