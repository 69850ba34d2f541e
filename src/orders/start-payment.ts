import { createHash } from 'node:crypto'
import { PaymentError } from '../domain/errors.ts'
import { isPayable, standingAttempt, type Order } from '../domain/order.ts'
import type { PaymentAttempt } from '../domain/payment-fact.ts'
import { askPlatform } from './ask-platform.ts'
import { choiceOf, choosePayment, isMadeBy, type PaymentChoice, type PaymentInput } from './payment-choice.ts'
import type { OrderPorts, StartedPayment } from './ports.ts'
import { recordFactWhile } from './record-fact.ts'

const MAX_TRADE_NO_LENGTH = 32

/**
 * The most payers of one order, and the most starts of it that may fail in a minute: each costs a call to the platform,
 * and whoever holds the order's token may bring one.
 */
export const MAX_PAYERS = 10

/**
 * The number of a further attempt: a platform takes one number for one payer only. It follows from who pays what, so
 * that a payer who begins twice at once, in whichever process, gets one payment and not two that can both be paid.
 */
function furtherTradeNo(order: Order, { account, appId, payerId }: PaymentChoice): string {
  const whoPaysWhat = JSON.stringify([order.id, account.platform, appId, payerId])
  const suffix = `-${createHash('sha256').update(whoPaysWhat).digest('hex').slice(0, 10)}`
  return order.outTradeNo.slice(0, MAX_TRADE_NO_LENGTH - suffix.length) + suffix
}

function notPayable(order: Order): PaymentError {
  const why = order.status === 'PAID' || order.status === 'CLOSED' ? `is ${order.status}` : 'has expired'
  return new PaymentError('ORDER_NOT_PAYABLE', `Order ${order.outTradeNo} ${why}.`, { order })
}

function tooManyPayers({ outTradeNo }: Order): PaymentError {
  const sentence = `payment must be by one of the ${MAX_PAYERS} payers who began to pay order ${outTradeNo}; there may be no more.`
  return new PaymentError('INVALID_INPUT', sentence, { field: 'payment' })
}

function tooManyFailures({ outTradeNo }: Order): PaymentError {
  const sentence = `Too many payments of order ${outTradeNo} could not be started; please try again in a minute.`
  return new PaymentError('PLATFORM_UNAVAILABLE', sentence)
}

/** Who paid already is told so by the platform; then the money is to be recorded, and not the refusal to be shown. */
async function learnFrom(ports: OrderPorts, order: Order, error: unknown): Promise<never> {
  const isPaidThere = error instanceof PaymentError && /^ORDER_?PAID$/.test(error.platformCode ?? '')
  if (!isPaidThere) throw error
  const asked = await askPlatform(ports, order)
  throw isPayable(asked.order, ports.now()) ? error : notPayable(asked.order)
}

function resumedChoice(ports: OrderPorts, order: Order): PaymentChoice {
  const standing = standingAttempt(order)
  if (standing !== undefined) return choiceOf(ports, order.merchantId, standing)
  throw new PaymentError(
    'INVALID_INPUT',
    'payment must say who pays: no payment of this order has been started that could be resumed.',
    { field: 'payment' },
  )
}

/**
 * What the platform says to a number that it knows with other parameters: somebody else's payment of this order was
 * begun there, and its answer never came or comes at this moment.
 */
function isTaken(error: unknown): boolean {
  if (!(error instanceof PaymentError) || error.code !== 'PLATFORM_REFUSED') return false
  return error.platformCode === 'INVALID_REQUEST' || error.platformCode === 'OUT_TRADE_NO_USED'
}

function earlierAttempt({ attempts }: Order, choice: PaymentChoice): PaymentAttempt | undefined {
  return attempts.find((attempt) => isMadeBy(attempt, choice))
}

function hasRoomFor(order: Order, choice: PaymentChoice): boolean {
  return order.attempts.length < MAX_PAYERS || earlierAttempt(order, choice) !== undefined
}

function isFresh({ prepayExpiresAt }: PaymentAttempt, now: Date): boolean {
  return prepayExpiresAt > now
}

async function openAttempt(now: () => Date, order: Order, choice: PaymentChoice): Promise<PaymentAttempt> {
  const earlier = earlierAttempt(order, choice)
  if (earlier !== undefined && isFresh(earlier, now())) return earlier
  const { account, appId, payerId } = choice
  const firstTradeNo = order.attempts.length === 0 ? order.outTradeNo : furtherTradeNo(order, choice)
  const platformTradeNo = earlier?.platformTradeNo ?? firstTradeNo
  const createdAt = earlier?.createdAt ?? now()
  const open = async (tradeNo: string): Promise<PaymentAttempt> => {
    const { description, amount, expiresAt } = order
    const prepaid = await account.prepay({
      platformTradeNo: tradeNo,
      description,
      amount,
      expiresAt,
      appId,
      payerId,
    })
    return { ...prepaid, platformTradeNo: tradeNo, platform: account.platform, appId, payerId, createdAt }
  }
  return open(platformTradeNo).catch((error: unknown) => {
    if (order.attempts.length > 0 || !isTaken(error)) throw error
    return open(furtherTradeNo(order, choice))
  })
}

/** Records the attempt unless others took the last room meanwhile: then nobody is given the means to pay it. */
async function recordAttempt(
  ports: OrderPorts,
  order: Order,
  { attempt, choice }: { readonly attempt: PaymentAttempt; readonly choice: PaymentChoice },
): Promise<Order> {
  const fact = {
    kind: 'payment-started',
    source: 'API',
    occurredAt: ports.now(),
    cause: null,
    attempt,
  } as const
  const recorded = await recordFactWhile(ports, order, { fact, holds: (known) => hasRoomFor(known, choice) })
  if (!hasRoomFor(recorded, choice)) throw tooManyPayers(recorded)
  if (!isPayable(recorded, ports.now())) throw notPayable(recorded)
  return recorded
}

async function start(ports: OrderPorts, order: Order, choice: PaymentChoice): Promise<StartedPayment> {
  const attempt = await openAttempt(ports.now, order, choice).catch((error: unknown) =>
    learnFrom(ports, order, error),
  )
  const recorded = await recordAttempt(ports, order, { attempt, choice })
  return { order: recorded, parameters: choice.account.pageParameters(attempt) }
}

/**
 * Starts a payment of an order, or resumes one: the same payer gets the same attempt with freshly signed parameters.
 * Without `input` the standing attempt is resumed.
 * @throws {PaymentError} ORDER_NOT_PAYABLE, INVALID_INPUT, PLATFORM_REFUSED, PLATFORM_UNAVAILABLE
 */
export async function startPayment(
  ports: OrderPorts,
  order: Order,
  input: PaymentInput | undefined,
): Promise<StartedPayment> {
  if (!isPayable(order, ports.now())) throw notPayable(order)
  const choice =
    input === undefined ? resumedChoice(ports, order) : choosePayment(ports, order.merchantId, input)
  if (!hasRoomFor(order, choice)) throw tooManyPayers(order)
  // Who has a payment that can be resumed needs no call, so that nobody else's failures are in the way.
  const earlier = earlierAttempt(order, choice)
  const canResume = earlier !== undefined && isFresh(earlier, ports.now())
  if (!canResume && ports.starts.isExhausted(order.id)) throw tooManyFailures(order)
  const payer = JSON.stringify([choice.account.platform, choice.appId, choice.payerId])
  const started = ports.starts.once(order.id, payer, () => start(ports, order, choice))
  if (started === undefined) throw tooManyPayers(order)
  return started
}
