import { PaymentError } from '../domain/errors.ts'
import { hasEnded, type Order } from '../domain/order.ts'
import { openNumbers, unpaidNumbers, type TradeNumber } from '../domain/trade-number.ts'
import type { MerchantPlatform } from '../platforms/platform.ts'
import type { OrderPorts } from './ports.ts'

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

/** The order's own number, which this gateway has not sent: another system of the merchant may have. */
function ownNumber({ platformOf }: OrderPorts, order: Order): readonly TradeNumber[] {
  const { merchantId, outTradeNo: platformTradeNo, createdAt } = order
  if (platformOf(merchantId, 'WECHATPAY') === undefined) return []
  const nobody = { appId: null, payerId: null, prepay: null, endedAt: null }
  return [{ platform: 'WECHATPAY', platformTradeNo, createdAt, ...nobody }]
}

/**
 * The numbers under which a payment of an order may be known at a platform. Of an order that has ended also the closed ones:
 * a payment can arrive after the close.
 */
export function numbersToAsk(ports: OrderPorts, order: Order): readonly TradeNumber[] {
  if (hasEnded(order)) return unpaidNumbers(order)
  return order.numbers.length === 0 ? ownNumber(ports, order) : openNumbers(order)
}
