import { checkAfterChange } from '../domain/check-schedule.ts'
import { decideCreation } from '../domain/decide.ts'
import { PaymentError } from '../domain/errors.ts'
import { fold } from '../domain/evolve.ts'
import { isPayable, type Order, type OrderRequest } from '../domain/order.ts'
import { newOrderId, newRev } from '../models/order-record.ts'
import type { PageParameters } from '../platforms/platform.ts'
import { differenceFrom, expiryRefusal, readOrderInput, type OrderInput } from './order-request.ts'
import { choosePayment, isMadeBy, type PaymentChoice, type PaymentInput } from './payment-choice.ts'
import type { OrderPorts } from './ports.ts'
import { newNumber } from './reserve-number.ts'
import { startPayment } from './start-payment.ts'

/** What a merchant sends to create an order, and, with `payment`, to start a payment in the same call. */
export interface CreateOrderInput extends OrderInput {
  readonly payment: PaymentInput | undefined
}

/** The order, new or found again; `parameters` when a payment was asked for and the order can still be paid. */
export interface CreatedOrder {
  readonly order: Order
  readonly parameters: PageParameters | undefined
}

interface Creation {
  readonly merchantId: string
  readonly request: OrderRequest
  /** Whoever is to pay it at once. */
  readonly choice: PaymentChoice | undefined
}

/** The number of its first payment is stored with it: no platform hears of one that is not. */
function newOrder({ merchantId, request, choice }: Creation, now: Date): Order {
  const order = fold([decideCreation({ orderId: newOrderId(now), merchantId }, request, now)])
  const numbers = choice === undefined ? [] : [newNumber(order.outTradeNo, choice, now)]
  return { ...order, numbers, rev: newRev() }
}

function conflict(order: Order, field: string): PaymentError {
  return new PaymentError(
    'OUT_TRADE_NO_CONFLICT',
    `Order ${order.outTradeNo} exists already, with another ${field}.`,
    { order },
  )
}

/** The order as it is stored; undefined when the merchant has one with this number already. */
async function insert(ports: OrderPorts, fresh: Order): Promise<Order | undefined> {
  const storedAt = await ports.clock.stamp()
  const stored = { ...fresh, events: fresh.events.map((event) => ({ ...event, storedAt })), storedAt }
  const check = checkAfterChange({ before: undefined, after: stored }, ports, ports.now())
  if (!(await ports.orders.insert(stored, check))) return undefined
  ports.announce(stored)
  return stored
}

/** The merchant's order under this number: the one that was stored first, whoever asked at the same time. */
async function createOrFind(ports: OrderPorts, fresh: Order, hasExpiry: boolean): Promise<Order> {
  const refusal = expiryRefusal(fresh, ports.now())
  const stored = refusal === undefined ? await insert(ports, fresh) : undefined
  if (stored !== undefined) return stored
  const known = await ports.orders.byOutTradeNo(fresh.merchantId, fresh.outTradeNo)
  if (known === undefined && refusal === undefined && fresh.numbers.length > 0) {
    // Another order uses this number at the platform: this one gets a further number there.
    return createOrFind(ports, { ...fresh, numbers: [] }, hasExpiry)
  }
  if (known === undefined) {
    throw refusal ?? new Error(`Order ${fresh.outTradeNo} is taken and cannot be found.`)
  }
  const difference = differenceFrom(known, fresh, hasExpiry)
  if (difference !== undefined) throw conflict(known, difference)
  return known
}

function refuseOtherPayer(order: Order, choice: PaymentChoice | undefined): void {
  const first = order.attempts.find(({ platformTradeNo }) => platformTradeNo === order.outTradeNo)
  if (first !== undefined && choice !== undefined && !isMadeBy(first, choice)) throw conflict(order, 'payer')
}

/**
 * Creates an order. It is durable before the platform is asked for a payment, so that the same call, repeated after
 * any failure, finishes what was begun: same number and same input give the same order.
 * @throws {PaymentError} INVALID_INPUT, OUT_TRADE_NO_CONFLICT, PLATFORM_REFUSED, PLATFORM_UNAVAILABLE
 */
export async function createOrder(
  ports: OrderPorts,
  merchantId: string,
  input: CreateOrderInput,
): Promise<CreatedOrder> {
  const now = ports.now()
  const request = readOrderInput(input, now)
  const choice = input.payment && choosePayment(ports, merchantId, input.payment)
  const fresh = newOrder({ merchantId, request, choice }, now)
  const order = await ports.orderAppeared(await createOrFind(ports, fresh, input.expiresAt !== undefined))
  refuseOtherPayer(order, choice)
  if (input.payment === undefined || !isPayable(order, now)) return { order, parameters: undefined }
  try {
    return await startPayment(ports, order, input.payment)
  } catch (error) {
    // Paid or closed while the platform was being asked: the order is what the caller wants to know.
    if (!(error instanceof PaymentError && error.code === 'ORDER_NOT_PAYABLE')) throw error
    return { order: error.order ?? order, parameters: undefined }
  }
}
