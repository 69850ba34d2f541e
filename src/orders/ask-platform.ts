import { PaymentError } from '../domain/errors.ts'
import type { Order } from '../domain/order.ts'
import type { PaymentAttempt } from '../domain/payment-fact.ts'
import type { MerchantPlatform, PlatformReport } from '../platforms/platform.ts'
import { allAtOnce } from './all-at-once.ts'
import type { OrderPorts } from './ports.ts'
import { recordFact } from './record-fact.ts'

/** A number under which the platform may know a payment of an order. */
export interface PlatformNumber {
  readonly account: MerchantPlatform
  readonly tradeNo: string
  /** True when somebody was given the parameters to pay it, so that the platform must know it. */
  readonly isHandedOut: boolean
}

/**
 * Where a payment of an order may be known. An order without a recorded attempt may still be known under its own
 * number: the answer to its prepay call may have been lost.
 * @throws {PaymentError} PLATFORM_UNAVAILABLE when an attempt's account is not configured: nobody can be asked
 */
export function platformNumbers(ports: OrderPorts, order: Order): readonly PlatformNumber[] {
  const { merchantId, outTradeNo, attempts } = order
  if (attempts.length > 0) return attempts.map((attempt) => numberOf(ports, order, attempt))
  const account = ports.platformOf(merchantId, 'WECHATPAY')
  return account === undefined ? [] : [{ account, tradeNo: outTradeNo, isHandedOut: false }]
}

/**
 * Where one attempt of an order is known.
 * @throws {PaymentError} PLATFORM_UNAVAILABLE when its account is not configured
 */
export function numberOf({ platformOf }: OrderPorts, order: Order, attempt: PaymentAttempt): PlatformNumber {
  const { merchantId, outTradeNo } = order
  const { platform, platformTradeNo: tradeNo } = attempt
  const account = platformOf(merchantId, platform)
  if (account !== undefined) return { account, tradeNo, isHandedOut: true }
  throw new PaymentError(
    'PLATFORM_UNAVAILABLE',
    `Order ${outTradeNo} was to be paid at ${platform}, where merchant ${merchantId} has no account now.`,
  )
}

/** What the platform said about every number of an order, with what it changed. */
export interface Asked {
  readonly order: Order
  readonly reports: readonly PlatformReport[]
}

/**
 * Asks the platform about every payment of an order, about all at once, and records money that arrived.
 * @throws {PaymentError} PLATFORM_REFUSED, PLATFORM_UNAVAILABLE; after what the other answers say was recorded
 */
export async function askPlatform(ports: OrderPorts, order: Order): Promise<Asked> {
  const { results: reports, failure } = await allAtOnce(
    platformNumbers(ports, order).map(({ account, tradeNo }) => account.query(tradeNo)),
  )
  let known = order
  for (const report of reports) {
    if (report.kind === 'paid') known = await recordFact(ports, known, report.fact)
  }
  if (failure !== undefined) throw failure.reason
  return { order: known, reports }
}
