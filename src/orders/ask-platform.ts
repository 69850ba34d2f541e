import type { Order } from '../domain/order.ts'
import type { MerchantPlatform, PlatformReport } from '../platforms/platform.ts'
import type { OrderPorts } from './ports.ts'
import { recordFact } from './record-fact.ts'

/** A number under which the platform may know a payment of an order. */
export interface PlatformNumber {
  readonly account: MerchantPlatform
  readonly tradeNo: string
}

/**
 * Where a payment of an order may be known. An order without a recorded attempt may still be known under its own
 * number: the answer to its prepay call may have been lost.
 */
export function platformNumbers({ platformOf }: OrderPorts, order: Order): readonly PlatformNumber[] {
  const { merchantId, outTradeNo, attempts } = order
  const known = attempts.map(({ platform, platformTradeNo }) => ({ platform, tradeNo: platformTradeNo }))
  const numbers = known.length > 0 ? known : [{ platform: 'WECHATPAY' as const, tradeNo: outTradeNo }]
  return numbers.flatMap(({ platform, tradeNo }) => {
    const account = platformOf(merchantId, platform)
    return account === undefined ? [] : [{ account, tradeNo }]
  })
}

/** What the platform said about every number of an order, with what it changed. */
export interface Asked {
  readonly order: Order
  readonly reports: readonly PlatformReport[]
}

/**
 * Asks the platform about every payment of an order and records money that arrived.
 * @throws {PaymentError} PLATFORM_REFUSED, PLATFORM_UNAVAILABLE
 */
export async function askPlatform(ports: OrderPorts, order: Order): Promise<Asked> {
  let known = order
  const reports: PlatformReport[] = []
  for (const { account, tradeNo } of platformNumbers(ports, order)) {
    const report = await account.query(tradeNo)
    if (report.kind === 'paid') known = await recordFact(ports, known, report.fact)
    reports.push(report)
  }
  return { order: known, reports }
}
