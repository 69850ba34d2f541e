import { ApiError, parameterError } from './api-error.ts'
import type { Clock } from './clock.ts'
import { toChinaDigits } from './clock.ts'
import { randomDigits, randomText } from './crypto.ts'
import { createShelf } from './order-shelf.ts'
import type { Order, OrderRef, PaidOrder } from './order.ts'
import type { PrepayRequest } from './prepay-rules.ts'

/** The platform's book of orders: in memory, every change synchronous and complete. */
export type Ledger = {
  /**
   * Opens an order, or the same one again, and gives it a new prepay_id that lives two hours.
   * @throws {ApiError} INVALID_REQUEST, ORDERPAID or ORDER_CLOSED when the number cannot be used like this again
   */
  readonly place: (request: PrepayRequest) => string
  /** @throws {ApiError} ORDER_NOT_EXIST */
  readonly get: (ref: OrderRef) => Order
  readonly find: (ref: OrderRef) => Order | undefined
  readonly findByTransactionId: (transactionId: string) => Order | undefined
  readonly findByPrepayId: (prepayId: string) => Order | undefined
  /** @throws {ApiError} ORDERPAID, ORDER_CLOSED or, past its time, INVALID_REQUEST when the order cannot be paid now */
  readonly checkPayable: (order: Order) => void
  /** @throws {ApiError} as `get` and `checkPayable`, or PARAM_ERROR when the payer would give more than is due */
  readonly pay: (ref: OrderRef, terms?: PaymentTerms) => PaidOrder
  /** @throws {ApiError} ORDER_NOT_EXIST or ORDERPAID; closing what is closed is fine */
  readonly close: (ref: OrderRef) => void
  /** Knows the order no more; its notifications stay. @throws {ApiError} ORDER_NOT_EXIST */
  readonly forget: (ref: OrderRef) => void
  readonly all: () => readonly Order[]
}

/** How an order is paid, where it is not as usual. */
export type PaymentTerms = {
  /** Pays also what the merchant closed, or what is past its time: on the real platform, too, money may come late. */
  readonly evenIfClosed?: boolean | undefined
  /** Fen that the payer gives; coupons pay the rest. Default: all. */
  readonly payerTotal?: number | undefined
  /** When the payer paid; an order that is younger becomes as old. Default: now. */
  readonly paidAt?: Date | undefined
}

const prepayLifeMs = 2 * 60 * 60 * 1000

const orderPaid = (): ApiError => new ApiError(400, 'ORDERPAID', { message: '该订单已支付' })
const orderClosed = (): ApiError => new ApiError(400, 'ORDER_CLOSED', { message: '订单已关闭' })
const reused = (): ApiError =>
  new ApiError(400, 'INVALID_REQUEST', {
    message: '商户订单号重复：请求重入时，参数与首次请求时不一致，请检查后再试',
    detail: { field: '/out_trade_no', issue: 'used before with other parameters', location: 'body' },
  })

const usedCodes: ReadonlySet<string> = new Set(['INVALID_REQUEST', 'ORDERPAID', 'ORDER_CLOSED'])

/** Returns whether a prepay was refused because of what its number was used for before. */
export const isAboutUse = (cause: unknown): boolean => cause instanceof ApiError && usedCodes.has(cause.code)

/** The refusals of a used number that do not say what it was used for. */
export const numberUsed = (code: 'INVALID_REQUEST' | 'OUT_TRADE_NO_USED'): ApiError =>
  code === 'OUT_TRADE_NO_USED'
    ? new ApiError(403, code, { message: '商户订单号重复' })
    : new ApiError(400, code, { message: '201 商户订单号重复' })

const notYet = (value: Date): ApiError =>
  parameterError('支付时间不得晚于当前时间', {
    field: '/paidAt',
    value: value.toISOString(),
    issue: 'later than now',
    location: 'body',
  })

const tooMuch = (value: number): ApiError =>
  parameterError('用户支付金额不得超过订单金额', {
    field: '/payerTotal',
    value,
    issue: 'more than the total of the order',
    location: 'body',
  })

/** The error for an order that the merchant never opened. */
export const orderUnknown = (): ApiError => new ApiError(404, 'ORDER_NOT_EXIST', { message: '订单不存在' })

const newPrepayId = (now: Date): string => `wx${toChinaDigits(now)}${randomText(20).toLowerCase()}`

const newTransactionId = (now: Date): string =>
  `4200${randomDigits(6)}${toChinaDigits(now).slice(0, 8)}${randomDigits(10)}`

function openOrder({ timeExpire, ...request }: PrepayRequest, now: Date): Order {
  const createdAt = now.toISOString()
  return { ...request, timeExpire: timeExpire.toISOString(), createdAt, state: 'NOTPAY', prepays: [] }
}

/** Opens a ledger with the orders that were kept from an earlier run. */
export function createLedger(kept: readonly Order[], now: Clock): Ledger {
  const shelf = createShelf(kept)
  const get = (ref: OrderRef): Order => {
    const order = shelf.find(ref)
    if (!order) throw orderUnknown()
    return order
  }
  const checkPayable = (order: Order): void => {
    if (order.state === 'SUCCESS') throw orderPaid()
    if (order.state === 'CLOSED') throw orderClosed()
    if (new Date(order.timeExpire) <= now()) {
      throw new ApiError(400, 'INVALID_REQUEST', { message: '订单已过期，请重新下单' })
    }
  }
  const place = (request: PrepayRequest): string => {
    const known = shelf.find(request)
    if (known) checkPayable(known)
    if (known && known.fingerprint !== request.fingerprint) throw reused()
    const order = known ?? openOrder(request, now())
    const living = order.prepays.filter(({ expiresAt }) => new Date(expiresAt) > now())
    const id = newPrepayId(now())
    const expiresAt = new Date(now().getTime() + prepayLifeMs).toISOString()
    shelf.put({ ...order, prepays: [...living, { id, expiresAt }] })
    return id
  }
  const pay = (ref: OrderRef, { evenIfClosed = false, payerTotal, paidAt }: PaymentTerms = {}): PaidOrder => {
    const order = get(ref)
    const moment = paidAt ?? now()
    if (order.state === 'SUCCESS' || !evenIfClosed) checkPayable(order)
    if (payerTotal !== undefined && payerTotal > order.total) throw tooMuch(payerTotal)
    if (moment > now()) throw notYet(moment)
    const paid = { transactionId: newTransactionId(moment), paidAt: moment.toISOString(), payerTotal }
    const createdAt = order.createdAt < paid.paidAt ? order.createdAt : paid.paidAt
    const paidOrder = { ...order, ...paid, createdAt, state: 'SUCCESS' as const }
    shelf.put(paidOrder)
    return paidOrder
  }
  const close = (ref: OrderRef): void => {
    const order = get(ref)
    if (order.state === 'SUCCESS') throw orderPaid()
    shelf.put({ ...order, state: 'CLOSED' })
  }

  return {
    place,
    get,
    find: shelf.find,
    findByTransactionId: shelf.findByTransactionId,
    findByPrepayId: shelf.findByPrepayId,
    checkPayable,
    pay,
    close,
    forget: (ref) => shelf.remove(get(ref)),
    all: shelf.all,
  }
}
