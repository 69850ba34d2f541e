import { z } from 'zod'

/** One order as the platform keeps it; times are ISO 8601 in UTC. */
export const orderSchema = z.object({
  mchId: z.string(),
  outTradeNo: z.string(),
  appId: z.string(),
  description: z.string(),
  attach: z.string().optional(),
  notifyUrl: z.string(),
  /** Fen. */
  total: z.int(),
  openid: z.string(),
  timeExpire: z.iso.datetime(),
  fingerprint: z.string(),
  createdAt: z.iso.datetime(),
  state: z.enum(['NOTPAY', 'SUCCESS', 'CLOSED']),
  prepays: z.array(z.object({ id: z.string(), expiresAt: z.iso.datetime() }).readonly()).readonly(),
  /** Set together with `paidAt`, once paid. */
  transactionId: z.string().optional(),
  paidAt: z.iso.datetime().optional(),
  /** Fen that the payer gave; absent when it was all of `total`, less when coupons paid the rest. */
  payerTotal: z.int().optional(),
})
export type Order = Readonly<z.infer<typeof orderSchema>>

/** How merchants name an order. */
export type OrderRef = { readonly mchId: string; readonly outTradeNo: string }

/** An order whose money has arrived. */
export type PaidOrder = Order & { readonly transactionId: string; readonly paidAt: string }
