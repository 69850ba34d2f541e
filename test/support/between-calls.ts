import { once } from 'node:events'
import type { Order } from '../../src/domain/order.ts'
import type { OrderPorts } from '../../src/orders/ports.ts'
import type { MerchantPlatform } from '../../src/platforms/platform.ts'
import type { TestGateway } from './gateway.ts'

/** Something that others wait for. */
export function gate() {
  const opening = new AbortController()
  const opened = once(opening.signal, 'abort')
  return { opened, open: () => opening.abort() }
}

/** The same, with an account that does something else between a call and its answer. */
export function withAccount(
  ports: OrderPorts,
  change: (account: MerchantPlatform) => Partial<MerchantPlatform>,
): OrderPorts {
  const platformOf: OrderPorts['platformOf'] = (merchantId, platform) => {
    const account = ports.platformOf(merchantId, platform)
    return account && { ...account, ...change(account) }
  }
  return { ...ports, platformOf }
}

/** The order as it is in the database. */
export async function stored({ parts }: TestGateway, id: string): Promise<Order> {
  const order = await parts.database.orders.byId(id)
  if (order === undefined) throw new Error('The order is gone.')
  return order
}
