import { PaymentError } from '../domain/errors.ts'
import { hasEnded, type Order } from '../domain/order.ts'
import { unpaidNumbers, type TradeNumber } from '../domain/trade-number.ts'
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

/**
 * The order's own number, which this gateway has not sent for it: another system of the merchant may have. None where another
 * order uses it as a further number: what is paid under it is that order's.
 */
async function ownNumber({ platformOf, orders }: OrderPorts, order: Order): Promise<readonly TradeNumber[]> {
  const { id, merchantId, outTradeNo: platformTradeNo, createdAt } = order
  if (platformOf(merchantId, 'WECHATPAY') === undefined) return []
  const user = await orders.byPlatformTradeNo(merchantId, 'WECHATPAY', platformTradeNo)
  if (user !== undefined && user.id !== id) return []
  const nobody = { appId: null, payerId: null, prepay: null, endedAt: null }
  return [{ platform: 'WECHATPAY', platformTradeNo, createdAt, ...nobody }]
}

/**
 * The numbers under which a payment of an order may be known at a platform; also the closed ones, because a payment can arrive
 * after the close.
 */
export async function numbersToAsk(ports: OrderPorts, order: Order): Promise<readonly TradeNumber[]> {
  return order.numbers.length === 0 && !hasEnded(order) ? ownNumber(ports, order) : unpaidNumbers(order)
}
