import { PaymentError } from '../domain/errors.ts'
import { hasEnded, type Order } from '../domain/order.ts'
import {
  findNumber,
  isHandedOut,
  openNumbers,
  unpaidNumbers,
  withNumber,
  type TradeNumber,
} from '../domain/trade-number.ts'
import type { MerchantPlatform, PlatformReport } from '../platforms/platform.ts'
import { allAtOnce } from './all-at-once.ts'
import { changeKeyless } from './change-order.ts'
import type { OrderPorts } from './ports.ts'
import { recordFact } from './record-fact.ts'

/**
 * The merchant's account at the platform of a number.
 * @throws {PaymentError} PLATFORM_UNAVAILABLE when it is not configured: the platform cannot be asked
 */
export function accountOf(
  { platformOf }: OrderPorts,
  order: Order,
  { platform }: TradeNumber,
): MerchantPlatform {
  const { merchantId, outTradeNo } = order
  const account = platformOf(merchantId, platform)
  if (account !== undefined) return account
  throw new PaymentError(
    'PLATFORM_UNAVAILABLE',
    `Order ${outTradeNo} was to be paid at ${platform}, where merchant ${merchantId} has no account now.`,
  )
}

/** What the platform said about one number. */
export interface NumberReport {
  readonly number: TradeNumber
  readonly report: PlatformReport
}

/** What the platform said about the numbers of an order, with what it changed. */
export interface Asked {
  readonly order: Order
  readonly reports: readonly NumberReport[]
}

async function ask(ports: OrderPorts, order: Order, number: TradeNumber): Promise<NumberReport> {
  return { number, report: await accountOf(ports, order, number).query(number.platformTradeNo) }
}

/** What a report says about its number: closed is proved; a handle is of no use where its payment is not known. */
function learned(order: Order, now: Date, { number, report }: NumberReport): TradeNumber | undefined {
  const known = findNumber(order.numbers, number)
  if (known === undefined || known.endedAt !== null) return undefined
  if (report.kind === 'closed') return { ...known, endedAt: now }
  if (report.kind !== 'absent' || !isHandedOut(order, number)) return undefined
  // It was renewed in the meantime where the handle is another one.
  return known.prepay === null || known.prepay.id !== number.prepay?.id
    ? undefined
    : { ...known, prepay: null }
}

/** Keeps what the reports say about the numbers, so that the next start opens a payment that can be made. */
function recordNumbers(ports: OrderPorts, order: Order, reports: readonly NumberReport[]): Promise<Order> {
  return changeKeyless(ports, order, (known, now) => {
    const changes = reports.flatMap((report) => learned(known, now, report) ?? [])
    return changes.length === 0 ? undefined : { numbers: changes.reduce(withNumber, known.numbers) }
  })
}

/**
 * Asks the platform about every number of an order that may be paid, about all at once, and records what it says. Of an order
 * that has ended also about closed numbers: a payment can arrive after the close.
 * @throws {PaymentError} PLATFORM_REFUSED, PLATFORM_UNAVAILABLE; after what the other answers say was recorded
 */
export async function askPlatform(ports: OrderPorts, order: Order): Promise<Asked> {
  const numbers = hasEnded(order) ? unpaidNumbers(order) : openNumbers(order)
  const { results: reports, failure } = await allAtOnce(numbers.map((number) => ask(ports, order, number)))
  let known = order
  for (const { report } of reports) {
    if (report.kind === 'paid') known = await recordFact(ports, known, report.fact)
  }
  known = await recordNumbers(ports, known, reports)
  if (failure !== undefined) throw failure.reason
  return { order: known, reports }
}
