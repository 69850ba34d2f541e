import { hasEnded, type Order } from '../domain/order.ts'
import {
  findNumber,
  isHandedOut,
  openNumbers,
  withNumber,
  withoutNumber,
  type TradeNumber,
} from '../domain/trade-number.ts'
import type { PlatformReport } from '../platforms/platform.ts'
import { allAtOnce } from './all-at-once.ts'
import { changeKeyless } from './change-order.ts'
import { recordClosed } from './close-order.ts'
import { accountOf, numbersToAsk } from './numbers-to-ask.ts'
import type { OrderPorts } from './ports.ts'
import { recordFact } from './record-fact.ts'
import { isForgettable } from './reserve-number.ts'

/** What the platform said about one number, as it was when the platform was asked. */
interface NumberReport {
  readonly number: TradeNumber
  readonly report: PlatformReport
}

async function ask(ports: OrderPorts, order: Order, number: TradeNumber): Promise<NumberReport> {
  return { number, report: await accountOf(ports, order, number).query(number.platformTradeNo) }
}

/** A number that another system of the merchant was found to use is asked about from then on. */
function withNumberInUse(
  numbers: readonly TradeNumber[],
  now: Date,
  { number, report }: NumberReport,
): readonly TradeNumber[] {
  if (report.kind === 'open') return withNumber(numbers, number)
  return report.kind === 'closed' ? withNumber(numbers, { ...number, endedAt: now }) : numbers
}

/** The numbers with what a report says about one of them; the same ones when it says nothing new. */
function learned(order: Order, now: Date, { number, report }: NumberReport): readonly TradeNumber[] {
  const { numbers } = order
  const known = findNumber(numbers, number)
  if (known === undefined) return withNumberInUse(numbers, now, { number, report })
  if (known.endedAt !== null) return numbers
  if (report.kind === 'closed') return withNumber(numbers, { ...known, endedAt: now })
  if (report.kind !== 'absent') return numbers
  // Nobody holds parameters for it, and no call with it is under way.
  if (isForgettable(order, known, now)) return withoutNumber(numbers, known)
  // A handle is of no use where its payment is not known. It was renewed in the meantime where it is another one.
  const isSame = known.prepay !== null && known.prepay.id === number.prepay?.id
  return isSame ? withNumber(numbers, { ...known, prepay: null }) : numbers
}

/** Keeps what the reports say about the numbers, so that the next start opens a payment that can be made. */
function recordNumbers(ports: OrderPorts, order: Order, reports: readonly NumberReport[]): Promise<Order> {
  return changeKeyless(ports, order, (known, now) => {
    const numbers = reports.reduce<readonly TradeNumber[]>(
      (current, report) => learned({ ...known, numbers: current }, now, report),
      known.numbers,
    )
    return numbers === known.numbers ? undefined : { numbers }
  })
}

/**
 * The platform closed every payment by itself: nobody can pay the order any more. A number whose handle was taken back is one
 * that this gateway closes for a further number, and one that had ended before says nothing new.
 */
function endedThere(order: Order, all: readonly NumberReport[]): boolean {
  const reports = all.filter(({ number }) => number.endedAt === null)
  const isClosedThere = reports.some(
    ({ number, report }) => report.kind === 'closed' && number.prepay !== null && isHandedOut(order, number),
  )
  const isAnswered = reports.every(({ report }) => report.kind === 'closed' || report.kind === 'absent')
  return isClosedThere && isAnswered && openNumbers(order).every((number) => !isHandedOut(order, number))
}

/**
 * Asks the platform about every number of an order that may be paid, about all at once, and records what it says: money, and
 * that every payment was closed there.
 * @returns the order as it is then
 * @throws {PaymentError} PLATFORM_REFUSED, PLATFORM_UNAVAILABLE; after what the other answers say was recorded
 */
export async function askPlatform(ports: OrderPorts, order: Order): Promise<Order> {
  const numbers = await numbersToAsk(ports, order)
  const { results: reports, failure } = await allAtOnce(numbers.map((number) => ask(ports, order, number)))
  let known = order
  for (const { report } of reports) {
    if (report.kind === 'paid') known = await recordFact(ports, known, report.fact)
  }
  known = await recordNumbers(ports, known, reports)
  if (failure !== undefined) throw failure.reason
  if (hasEnded(known) || !endedThere(known, reports)) return known
  const ended = reports.map(({ number, report }) => ({
    number,
    end: report.kind === 'closed' ? ('closed' as const) : ('unknown' as const),
  }))
  return recordClosed(ports, known, { ended, reason: 'PLATFORM', source: 'QUERY' })
}
