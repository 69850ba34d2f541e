import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { PaymentError } from '../domain/errors.ts'
import { MAX_TOTAL_FEN, toFen } from '../domain/money.ts'
import type { Order, OrderRequest } from '../domain/order.ts'
import { isPlainText, NOT_PLAIN } from '../domain/plain-text.ts'
import { isNestedDeeper } from './json-depth.ts'

/** What a merchant may ask for, unchecked. */
export interface OrderInput {
  readonly outTradeNo: string
  readonly description: string
  readonly amount: { readonly total: number; readonly currency: string }
  readonly expiresAt: Date | undefined
  readonly metadata: unknown
}

const DEFAULT_LIFETIME_MS = 2 * 60 * 60 * 1000
const MAX_LIFETIME_DAYS = 90
const DAY_MS = 24 * 60 * 60 * 1000
const MAX_METADATA_BYTES = 4096

const MAX_METADATA_LEVELS = 32

/** WeChat Pay counts bytes, not characters. */
const MAX_DESCRIPTION_BYTES = 127

/** WeChat Pay takes code points of up to three UTF-8 bytes only, so no emoji. */
const NARROW = /^[^\u{10000}-\u{10ffff}]*$/u

const shape = z.object({
  outTradeNo: z
    .string()
    .regex(/^[0-9A-Za-z_\-|*]{6,32}$/, 'must be 6 to 32 characters, each a digit, a letter, _ - | or *'),
  description: z
    .string()
    .refine((text) => text.trim() !== '', 'must not be empty')
    .refine((text) => Buffer.byteLength(text) <= MAX_DESCRIPTION_BYTES, {
      error: ({ input }) =>
        `must be at most ${MAX_DESCRIPTION_BYTES} bytes of UTF-8 (42 Chinese characters); it has ${Buffer.byteLength(String(input))}`,
    })
    .regex(NARROW, 'must not contain emoji')
    .refine(isPlainText, NOT_PLAIN),
  amount: z.object({
    total: z
      .int('must be a whole number of fen')
      .min(1, 'must be at least 1 fen')
      .max(MAX_TOTAL_FEN, `must be at most ${MAX_TOTAL_FEN} fen`),
    currency: z.literal('CNY', { error: 'must be CNY' }),
  }),
})

function invalid(field: string, expectation: string): PaymentError {
  return new PaymentError('INVALID_INPUT', `${field} ${expectation}.`, { field })
}

/** The platforms count in seconds. */
function expiry(given: Date | undefined, now: Date): Date {
  const milliseconds = given?.getTime() ?? now.getTime() + DEFAULT_LIFETIME_MS
  return new Date(Math.floor(milliseconds / 1000) * 1000)
}

/** Why an order may not be made with this expiry, or undefined. An order that exists may well have expired. */
export function expiryRefusal({ expiresAt }: OrderRequest, now: Date): PaymentError | undefined {
  if (expiresAt <= now) return invalid('expiresAt', 'must be in the future')
  if (expiresAt.getTime() <= now.getTime() + MAX_LIFETIME_DAYS * DAY_MS) return undefined
  return invalid('expiresAt', `must be at most ${MAX_LIFETIME_DAYS} days ahead`)
}

function metadataText(metadata: unknown): string | null {
  if (metadata === undefined || metadata === null) return null
  if (isNestedDeeper(metadata, MAX_METADATA_LEVELS)) {
    throw invalid('metadata', `must have at most ${MAX_METADATA_LEVELS} levels of lists and objects`)
  }
  const text = JSON.stringify(metadata)
  if (Buffer.byteLength(text) <= MAX_METADATA_BYTES) return text
  throw invalid('metadata', `must be at most ${MAX_METADATA_BYTES} bytes of JSON`)
}

/**
 * Checks what a merchant asks for, except the expiry (see `expiryRefusal`).
 * @throws {PaymentError} INVALID_INPUT naming the first field that is out of range
 */
export function readOrderInput(input: OrderInput, now: Date): OrderRequest {
  const checked = shape.safeParse(input)
  if (!checked.success) {
    const [issue] = checked.error.issues
    throw invalid(issue?.path.join('.') ?? 'input', issue?.message ?? 'is out of range')
  }
  const { outTradeNo, description, amount } = checked.data
  return {
    outTradeNo,
    description,
    amount: { total: toFen(amount.total), currency: amount.currency },
    expiresAt: expiry(input.expiresAt, now),
    metadata: metadataText(input.metadata),
  }
}

/** The order of its keys says nothing about JSON, and a merchant's library may change it from one call to the next. */
function isSameJson(one: string | null, other: string | null): boolean {
  if (one === null || other === null) return one === other
  return isDeepStrictEqual(JSON.parse(one), JSON.parse(other))
}

/** The first field in which a repeated request differs from the order that has its number; undefined when none does. */
export function differenceFrom(order: Order, request: OrderRequest, hasExpiry: boolean): string | undefined {
  if (order.description !== request.description) return 'description'
  if (order.amount.total !== request.amount.total) return 'amount.total'
  if (order.amount.currency !== request.amount.currency) return 'amount.currency'
  if (hasExpiry && order.expiresAt.getTime() !== request.expiresAt.getTime()) return 'expiresAt'
  if (!isSameJson(order.metadata, request.metadata)) return 'metadata'
  return undefined
}
