import { decide } from '../domain/decide.ts'
import { PaymentError } from '../domain/errors.ts'
import { isPayable, standingAttempt, type Order } from '../domain/order.ts'
import type { PaymentAttempt } from '../domain/payment-fact.ts'
import { findNumber, withNumber, type PrepayHandle, type TradeNumber } from '../domain/trade-number.ts'
import { changeKeyless } from './change-order.ts'
import { learnFromRefusal } from './learn-from-refusal.ts'
import { choiceOf, choosePayment, type PaymentChoice, type PaymentInput } from './payment-choice.ts'
import type { OrderPorts, StartedPayment } from './ports.ts'
import {
  hasRoomFor,
  notPayable,
  reserveNumber,
  tooManyPayers,
  usableNumber,
  type Reserved,
} from './reserve-number.ts'

/** The most numbers that one start tries: the platform may know the first ones already. */
const MAX_NUMBERS_TRIED = 3

function tooManyFailures({ outTradeNo }: Order): PaymentError {
  const sentence = `Too many payments of order ${outTradeNo} could not be started; please try again in a minute.`
  return new PaymentError('PLATFORM_UNAVAILABLE', sentence)
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

/** The handle of the payer's payment that a page can go on with; undefined when it needs another one. */
function freshHandle(order: Order, choice: PaymentChoice, now: Date): PrepayHandle | undefined {
  const prepay = usableNumber(order, choice)?.prepay
  return prepay && prepay.expiresAt > now ? prepay : undefined
}

async function openAtPlatform(
  { account, appId, payerId }: PaymentChoice,
  { order, number }: Reserved,
): Promise<PrepayHandle> {
  const { description, amount, expiresAt } = order
  const { platformTradeNo } = number
  const prepaid = await account.prepay({ platformTradeNo, description, amount, expiresAt, appId, payerId })
  return { id: prepaid.prepayId, expiresAt: prepaid.prepayExpiresAt }
}

function newest(one: PrepayHandle | null, other: PrepayHandle): PrepayHandle {
  return one !== null && one.expiresAt > other.expiresAt ? one : other
}

/**
 * Keeps what the platform handed out. The first time it is an event of the order; a renewal only changes the number. Whatever
 * became of the order in the meantime: somebody might pay under it.
 */
async function recordStarted(
  ports: OrderPorts,
  order: Order,
  { number, prepay }: { readonly number: TradeNumber; readonly prepay: PrepayHandle },
): Promise<Order> {
  const { platform, platformTradeNo, createdAt } = number
  const { appId, payerId } = { appId: number.appId ?? '', payerId: number.payerId ?? '' }
  const attempt: PaymentAttempt = { platform, platformTradeNo, appId, payerId, createdAt }
  return changeKeyless(ports, order, (known, now) => {
    const current = findNumber(known.numbers, number)
    const renewed = { ...number, endedAt: null, prepay: newest(current?.prepay ?? null, prepay) }
    const fact = { kind: 'payment-started', source: 'API', occurredAt: now, cause: null, attempt } as const
    return { events: decide(known, fact, now), numbers: withNumber(known.numbers, renewed) }
  })
}

async function start(ports: OrderPorts, order: Order, choice: PaymentChoice): Promise<StartedPayment> {
  let known = order
  for (let tried = 1; ; tried += 1) {
    const fresh = freshHandle(known, choice, ports.now())
    if (fresh !== undefined) {
      const parameters = choice.account.pageParameters({ appId: choice.appId, prepayId: fresh.id })
      return { order: known, parameters }
    }
    const reserved = await reserveNumber(ports, known, choice)
    let refusal: unknown
    try {
      const prepay = await openAtPlatform(choice, reserved)
      known = await recordStarted(ports, reserved.order, { number: reserved.number, prepay })
    } catch (error) {
      known = await learnFromRefusal(ports, reserved, error)
      refusal = error
    }
    if (!isPayable(known, ports.now())) throw notPayable(known)
    if (refusal instanceof PaymentError && tried >= MAX_NUMBERS_TRIED) throw refusal
  }
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
  const canResume = freshHandle(order, choice, ports.now()) !== undefined
  if (!canResume && ports.starts.isExhausted(order.id)) throw tooManyFailures(order)
  const payer = JSON.stringify([choice.account.platform, choice.appId, choice.payerId])
  const started = ports.starts.once(order.id, payer, () => start(ports, order, choice))
  if (started === undefined) throw tooManyPayers(order)
  return started
}
