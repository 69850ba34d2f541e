import { z } from 'zod'
import { int32, parseParameters, text } from './parameters.ts'

const longestWaitMs = 86_400_000
const mostCopies = 20

const times = z.union([int32.min(1), z.literal('always')]).default(1)
const ms = int32.min(0).max(longestWaitMs)
const order = { mchId: text(32).optional(), outTradeNo: text(32).optional() }
const delivery = { times, target: z.strictObject(order).optional() }
/** The calls of merchants that a fault can be aimed at. */
const callSchema = z.enum(['prepay', 'query', 'close', 'certificates'])
const anyCall = { times, target: z.strictObject({ ...order, call: callSchema.optional() }).optional() }
const oneCall = { times, target: z.strictObject(order).optional() }
/** The fields of a transaction that name who is paid; the `sp_` and `sub_` ones are of the partner mode. */
const payeeSchema = z.enum(['mchid', 'appid', 'sp_mchid', 'sp_appid', 'sub_mchid', 'sub_appid'])
/** `out_trade_no` of the payment whose id is used again; without it the merchant's latest other payment. */
const from = text(32).optional()

const deliveryFaultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('lose'), ...delivery }),
  z.strictObject({ kind: z.literal('delay'), ms, ...delivery }),
  z.strictObject({
    kind: z.literal('duplicate'),
    copies: int32.min(2).max(mostCopies).default(2),
    ...delivery,
  }),
  z.strictObject({ kind: z.literal('reorder'), ...delivery }),
  z.strictObject({ kind: z.literal('corrupt'), ...delivery }),
  z.strictObject({
    kind: z.literal('reserialise'),
    how: z.enum(['spaces', 'key-order', 'unicode-escapes', 'crlf', 'trailing-newline']).default('spaces'),
    ...delivery,
  }),
  z.strictObject({ kind: z.literal('stale-clock'), seconds: int32.default(-600), ...delivery }),
  z.strictObject({ kind: z.literal('probe'), ...delivery }),
  z.strictObject({ kind: z.literal('wrong-amount'), total: int32.optional(), ...delivery }),
  z.strictObject({
    kind: z.literal('wrong-payee'),
    field: payeeSchema.default('mchid'),
    ...delivery,
  }),
  z.strictObject({ kind: z.literal('wrong-state'), tradeState: text(32).default('NOTPAY'), ...delivery }),
  z.strictObject({
    kind: z.literal('early-success'),
    seconds: int32.min(0).default(3600),
    ...delivery,
  }),
  z.strictObject({
    kind: z.literal('odd-time'),
    field: z.enum(['create_time', 'success_time']).default('create_time'),
    how: z.enum(['digits', 'offset-without-colon', 'milliseconds', 'utc', 'missing']).default('digits'),
    ...delivery,
  }),
  z.strictObject({
    kind: z.literal('other-product'),
    product: z.enum(['partner', 'combined', 'profit-sharing']).default('partner'),
    ...delivery,
  }),
  z.strictObject({ kind: z.literal('reused-id'), from, ...delivery }),
  z.strictObject({ kind: z.literal('reused-transaction'), from, ...delivery }),
  z.strictObject({
    kind: z.literal('signature-type'),
    how: z.enum(['empty', 'missing', 'sm']).default('empty'),
    ...delivery,
  }),
  z.strictObject({ kind: z.literal('wrong-key'), ...delivery }),
  z.strictObject({ kind: z.literal('unknown-serial'), serial: text(64).optional(), ...delivery }),
  z.strictObject({ kind: z.literal('wrong-apiv3-key'), ...delivery }),
  z.strictObject({
    kind: z.literal('malformed'),
    how: z.enum(['wrong-types', 'not-json', 'no-resource']).default('wrong-types'),
    ...delivery,
  }),
  z.strictObject({
    kind: z.literal('unknown-event'),
    eventType: text(32).default('SIMULATOR.UNKNOWN'),
    ...delivery,
  }),
])

const apiFaultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('slow'), ms, ...anyCall }),
  z.strictObject({
    kind: z.literal('error'),
    status: int32.min(400).max(599).default(500),
    code: text(64).default('SYSTEM_ERROR'),
    ...anyCall,
  }),
  z.strictObject({ kind: z.literal('unsigned'), ...anyCall }),
  z.strictObject({ kind: z.literal('wrong-signature'), ...anyCall }),
  z.strictObject({ kind: z.literal('probe-answer'), ...anyCall }),
  z.strictObject({ kind: z.literal('drop-before'), ...anyCall }),
  z.strictObject({ kind: z.literal('drop-after'), ...anyCall }),
  z.strictObject({
    kind: z.literal('wrong-answer'),
    total: int32.optional(),
    tradeState: text(32).optional(),
    payee: payeeSchema.optional(),
    transactionFrom: from,
    ...oneCall,
  }),
  z.strictObject({
    kind: z.literal('used-number'),
    code: z.enum(['OUT_TRADE_NO_USED', 'INVALID_REQUEST']).default('OUT_TRADE_NO_USED'),
    ...oneCall,
  }),
  z.strictObject({
    kind: z.literal('close-race'),
    payer: z.enum(['pays', 'leaves']).default('pays'),
    ...oneCall,
  }),
])

const faultSchema = z.discriminatedUnion('kind', [...deliveryFaultSchema.options, ...apiFaultSchema.options])

/** What goes wrong with the delivery of a notification. */
export type DeliveryFault = Readonly<z.infer<typeof deliveryFaultSchema>>
/** What goes wrong with a merchant's call. */
export type ApiFault = Readonly<z.infer<typeof apiFaultSchema>>
export type Fault = DeliveryFault | ApiFault
/** A fault as one asks for it: parameters with a default may be left out. */
export type NewFault = Readonly<z.input<typeof faultSchema>>
/** The faults of a side by their kind; tied to `Kind`, so that a table of functions by kind can be called with one. */
export type FaultOf<Side extends Fault, Kind extends Side['kind']> = {
  readonly [K in Kind]: { readonly kind: K } & Extract<Side, { kind: K }>
}[Kind]
export type CallKind = z.infer<typeof callSchema>

const kindsOf = (options: readonly { readonly shape: { readonly kind: z.ZodLiteral<string> } }[]) =>
  options.map(({ shape }) => shape.kind.value)

/** The names of all kinds of fault, by the side on which they strike. */
export const faultKinds: Readonly<Record<'delivery' | 'api', readonly string[]>> = {
  delivery: kindsOf(deliveryFaultSchema.options),
  api: kindsOf(apiFaultSchema.options),
}

/** Tells the faults of deliveries from those of calls. */
export const isDeliveryFault = (fault: Fault): fault is DeliveryFault =>
  faultKinds.delivery.includes(fault.kind)

/** Tells the faults of calls from those of deliveries. */
export const isApiFault = (fault: Fault): fault is ApiFault => faultKinds.api.includes(fault.kind)

/**
 * Reads what somebody asks to go wrong.
 * @throws {ApiError} PARAM_ERROR
 */
export const readFault = (input: unknown): Fault => parseParameters(faultSchema, input, 'body')
