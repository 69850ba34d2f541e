import { z } from 'zod'
import type { Fen } from '../../domain/money.ts'
import { toFen } from '../../domain/money.ts'
import { moment } from './moment.ts'
import { meaningOfState } from './trade-state.ts'

/**
 * The platform documents 32 or 36 characters for its names, numbers and states, and 64 for a `prepay_id`. They are stored,
 * indexed and shown, so they are bounded; at twice that, so that a longer number of tomorrow does not refuse a payment.
 */
const MAX_NAME_CHARS = 64
const MAX_PREPAY_ID_CHARS = 128
const MAX_OPENID_CHARS = 128
/** Three letters by ISO 4217; the field is documented with 16. */
const MAX_CURRENCY_CHARS = 16
/** GraphQL shows amounts as Int. It is over 21 million yuan, and an order here has one million at most. */
const MAX_FEN = 2 ** 31 - 1
/** The platform has a handful of certificates at any time. */
const MAX_CERTIFICATES = 100

/** The platform was opened in 2013. Years of four digits and no others can be stored, sorted and shown everywhere. */
const EARLIEST = Date.UTC(2000)
const LATEST = Date.UTC(2100)

/** Visible ASCII: all that the platform writes in fields for programs. */
function visible(maxChars: number) {
  return z
    .string()
    .max(maxChars)
    .regex(/^[\x21-\x7e]+$/)
}

const name = visible(MAX_NAME_CHARS)
const fen = z
  .int()
  .min(0)
  .max(MAX_FEN)
  .transform((amount): Fen => toFen(amount))
/** A moment that is stored and shown. */
const storedMoment = moment.refine((at) => at.getTime() >= EARLIEST && at.getTime() < LATEST)

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

/** As much of a notification as decrypting needs. */
export const sealedNotification = z.object({ resource: sealedResource })

/** The fields that name a notification, each read on its own; null when it cannot be. */
export const namedNotification = z
  .object({ id: name.nullable().catch(null), event_type: name.nullable().catch(null) })
  .catch({ id: null, event_type: null })

/** The outside of a notification. Nothing depends on fields that are not listed, such as `create_time`, here as below. */
export const envelope = z.object({
  id: name,
  event_type: name,
  resource: sealedResource,
})

/** A payee field that only some messages have. Empty and null name no payee; a value of another type cannot be read. */
const optionalPayee = z
  .union([name, z.literal(''), z.null()])
  .optional()
  .transform((value) => (value === '' || value === null ? undefined : value))

/** The fields of service providers; a payment to a merchant of its own has none of them. */
const providerFields = {
  sp_mchid: optionalPayee,
  sub_mchid: optionalPayee,
  sp_appid: optionalPayee,
  sub_appid: optionalPayee,
}

/** A payment that succeeded, as notified and as answered to a query. Amounts are in fen. */
export const paidTransaction = z.object({
  mchid: name,
  appid: name,
  ...providerFields,
  out_trade_no: name,
  transaction_id: name,
  trade_state: name.refine((state) => meaningOfState(state) === 'paid'),
  success_time: storedMoment,
  // Kept for a refund; nothing depends on it, so nothing that it may be refuses a payment.
  payer: z
    .object({ openid: visible(MAX_OPENID_CHARS).optional().catch(undefined) })
    .optional()
    .catch(undefined),
  amount: z.object({
    total: fen,
    // Only shown: what is compared is the total.
    payer_total: fen.nullable().catch(null),
    currency: visible(MAX_CURRENCY_CHARS)
      .nullish()
      .transform((currency) => currency ?? 'CNY'),
  }),
})

/** The answer to a prepay call. */
export const prepayAnswer = z.object({ prepay_id: visible(MAX_PREPAY_ID_CHARS) })

/** What every answer to a query says, whatever the state of the payment. */
export const tradeAnswer = z.object({
  out_trade_no: name,
  trade_state: name,
  mchid: name.optional(),
  appid: name.optional(),
  ...providerFields,
})

/** The answer of `GET /v3/certificates`. */
export const certificateList = z.object({
  data: z
    .array(z.object({ serial_no: name, encrypt_certificate: sealedResource }))
    .min(1)
    .max(MAX_CERTIFICATES),
})

/** Path of the first field that is not as expected; null when the whole is not even an object. */
export function flawedField(error: z.ZodError): string | null {
  const path = error.issues[0]?.path.join('.') ?? ''
  return path === '' ? null : path
}

/** One half-sentence about the first field that is not as expected; names and types only, never values. */
export function firstFlaw(error: z.ZodError): string {
  const field = flawedField(error)
  return field === null ? 'it is not a JSON object' : `${field} is missing or not as documented`
}
