import { z } from 'zod'
import type { Fen } from '../../domain/money.ts'
import { toFen } from '../../domain/money.ts'

const text = z.string().min(1)
const fen = z
  .int()
  .min(0)
  .transform((amount): Fen => toFen(amount))
const moment = z.iso.datetime({ offset: true }).transform((written) => new Date(written))

/** A sealed resource. The platform leaves `associated_data` out, empty or null when there is none. */
const sealedResource = z.object({
  algorithm: z.string(),
  ciphertext: z.string(),
  nonce: z.string(),
  associated_data: z
    .string()
    .nullish()
    .transform((data) => data ?? ''),
})

/** The outside of a notification. Fields that are not listed are ignored, here as below. */
export const envelope = z.object({
  id: text,
  /** RFC 3339. */
  create_time: moment,
  event_type: text,
  resource: sealedResource,
})

/** The states of a transaction in which its money has arrived; refunds come later and have states of their own. */
const paidState = z.enum(['SUCCESS', 'REFUND'])

/** Tells whether the money of a transaction in this `trade_state` has arrived. */
export function isPaidState(tradeState: string): boolean {
  return paidState.safeParse(tradeState).success
}

/** A payment that succeeded, as notified and as answered to a query. Amounts are in fen. */
export const paidTransaction = z.object({
  mchid: text,
  appid: text,
  out_trade_no: text,
  transaction_id: text,
  trade_state: paidState,
  success_time: moment,
  amount: z.object({
    total: fen,
    payer_total: fen.nullish().transform((total) => total ?? null),
    currency: text.nullish().transform((currency) => currency ?? 'CNY'),
  }),
})

/** A payment that succeeded, in the platform's words. */
export type PaidTransaction = z.output<typeof paidTransaction>

/** The answer to a prepay call. */
export const prepayAnswer = z.object({ prepay_id: text })

/** What every answer to a query says, whatever the state of the payment. */
export const tradeAnswer = z.object({ out_trade_no: text, trade_state: text, mchid: text.optional() })

/** The answer of `GET /v3/certificates`. */
export const certificateList = z.object({
  data: z.array(z.object({ serial_no: text, encrypt_certificate: sealedResource })).min(1),
})

/** Path of the first field that is not as expected; null when the whole is not even an object. */
export function flawedField(error: z.ZodError): string | null {
  const path = error.issues[0]?.path.join('.') ?? ''
  return path === '' ? null : path
}

/** One half-sentence about the first field that is not as expected; names and types only, never values. */
export function firstFlaw(error: z.ZodError): string {
  const field = flawedField(error)
  return field === null ? 'it is not a JSON object' : `${field} is missing or not of the documented type`
}
