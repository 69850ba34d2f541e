import { PaymentError } from '../domain/errors.ts'
import type { Order } from '../domain/order.ts'
import {
  findNumber,
  isHandedOut,
  withNumber,
  withoutNumber,
  type TradeNumber,
} from '../domain/trade-number.ts'
import type { PlatformReport } from '../platforms/platform.ts'
import { accountOf } from './numbers-to-ask.ts'
import { changeKeyless } from './change-order.ts'
import { closeNumber } from './close-number.ts'
import type { OrderPorts } from './ports.ts'
import { recordFact } from './record-fact.ts'
import type { Reserved } from './reserve-number.ts'

/** Nobody can pay under this number, so that the payer gets a further one. */
function endNumber(ports: OrderPorts, order: Order, number: TradeNumber): Promise<Order> {
  return changeKeyless(ports, order, (known, now) => {
    const current = findNumber(known.numbers, number)
    if (current === undefined || current.endedAt !== null) return undefined
    return { numbers: withNumber(known.numbers, { ...current, endedAt: now }) }
  })
}

function takeBackHandle(ports: OrderPorts, order: Order, number: TradeNumber): Promise<Order> {
  return changeKeyless(ports, order, (known) => {
    const current = findNumber(known.numbers, number)
    if (current === undefined || current.prepay === null) return undefined
    return { numbers: withNumber(known.numbers, { ...current, prepay: null }) }
  })
}

/** The platform knows nothing of this number, and nobody holds parameters for it: there is nothing to keep of it. */
function forgetNumber(ports: OrderPorts, order: Order, number: TradeNumber): Promise<Order> {
  return changeKeyless(ports, order, (known) => {
    const current = findNumber(known.numbers, number)
    // Another start of the same payer may have been taken in the meantime.
    if (current === undefined || isHandedOut(known, number)) return undefined
    return { numbers: withoutNumber(known.numbers, number) }
  })
}

/** The same for a number that no call has reached the platform with, unless a further start has taken it up in the meantime. */
function forgetUnsent(ports: OrderPorts, { order, number }: Reserved): Promise<Order> {
  return changeKeyless(ports, order, (known) =>
    known.rev === order.rev ? { numbers: withoutNumber(known.numbers, number) } : undefined,
  )
}

/** Tells whether a refusal says, or may say, that the number is known there. */
function isAboutNumber({ reason }: PaymentError): boolean {
  return reason !== 'rejected' && reason !== 'not-found'
}

/** What the platform says about the number; undefined when it does not say, which is an answer only where none is needed. */
async function askAfter(
  ports: OrderPorts,
  { order, number }: Reserved,
  refusal: PaymentError,
): Promise<PlatformReport> {
  try {
    return await accountOf(ports, order, number).query(number.platformTradeNo)
  } catch (error) {
    throw isAboutNumber(refusal) ? error : refusal
  }
}

/** The platform has not opened anything by this call: it was not sent, or it was not accepted. */
function wasNotAccepted({ reason, mayHaveHappened }: PaymentError): boolean {
  return !mayHaveHappened && (reason === 'paused' || reason === 'rate-limited')
}

async function onAbsent(
  ports: OrderPorts,
  { order, number }: Reserved,
  refusal: PaymentError,
): Promise<Order> {
  // The query does not know what the prepay call still does: nobody can pay under it, and it is not taken again.
  const isUsedUp =
    isAboutNumber(refusal) && (refusal.reason !== 'number-may-be-in-use' || isHandedOut(order, number))
  if (isUsedUp) return endNumber(ports, order, number)
  // What may still be on its way is asked about until it cannot be any more.
  if (!refusal.mayHaveHappened) await forgetNumber(ports, order, number)
  throw refusal
}

async function onOpen(ports: OrderPorts, { order, number }: Reserved, refusal: PaymentError): Promise<Order> {
  if (!isAboutNumber(refusal)) throw refusal
  // Taken back first: a close that is found after a crash here is this gateway's own, and not the end of the order.
  const taken = await takeBackHandle(ports, order, number)
  const ended = await closeNumber(ports, taken, number)
  return endNumber(ports, ended.order, number)
}

/**
 * Finds out about a number that the platform did not open a payment under. It may be in use: another system of the merchant has
 * opened it, or even been paid under it; or an earlier call of this gateway has, with other parameters. Refusals are not signed,
 * so the platform is asked: what is paid is recorded, what is open is closed. No further number is used before it is proved
 * that nobody can pay under this one.
 * @returns the order, in which the number has ended: a further one may be used unless the order has ended too
 * @throws {PaymentError} `error` when it is not about the number; PLATFORM_UNAVAILABLE when it is not known what became of it
 */
export async function learnFromRefusal(
  ports: OrderPorts,
  reserved: Reserved,
  error: unknown,
): Promise<Order> {
  const { order, number, isNew } = reserved
  if (!(error instanceof PaymentError)) throw error
  if (error.code !== 'PLATFORM_REFUSED') {
    if (isNew && wasNotAccepted(error)) await forgetUnsent(ports, reserved)
    throw error
  }
  const report = await askAfter(ports, reserved, error)
  switch (report.kind) {
    case 'paid':
      return endNumber(ports, await recordFact(ports, order, report.fact), number)
    case 'closed':
      return endNumber(ports, order, number)
    case 'absent':
      return onAbsent(ports, reserved, error)
    case 'open':
      return onOpen(ports, reserved, error)
  }
}
