import type { Order } from '../domain/order.ts'
import { watchOrder, type OrderStream, type Watch } from '../live/watch.ts'
import { readVisibleOrder, requireAnyone } from './access.ts'
import type { GatewayContext } from './context.ts'
import { callerError } from './errors.ts'
import type { SubscriptionResolvers } from './schema-types.generated.ts'

async function watch(
  context: GatewayContext,
  id: string,
  interest: Pick<Watch, 'isWanted' | 'isLast'>,
): Promise<OrderStream> {
  const caller = requireAnyone(context)
  const { hub, now } = context.gateway
  const expiry = caller.kind === 'order-holder' ? caller.expiresAt : undefined
  const stream = await watchOrder(id, {
    hub,
    read: () => readVisibleOrder(context, caller, id),
    endsInMs: expiry && expiry.getTime() - now().getTime(),
    ...interest,
  })
  if (stream === undefined) throw callerError('NOT_FOUND', `There is no order ${id}.`)
  return stream
}

const isPaid = (order: Order): boolean => order.status === 'PAID'

/** Subscriptions to one order. */
export const orderSubscriptions: SubscriptionResolvers = {
  orderPaid: {
    subscribe: (_root, { id }, context) => watch(context, id, { isWanted: isPaid, isLast: isPaid }),
    resolve: (order: Order) => order,
  },
  orderUpdated: {
    subscribe: (_root, { id }, context) => watch(context, id, {}),
    resolve: (order: Order) => order,
  },
}
