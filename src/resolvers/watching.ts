import type { Order } from '../domain/order.ts'
import { eventsOf, type ToldEvent } from '../live/events.ts'
import { watchOrder, type OrderStream, type Watch } from '../live/watch.ts'
import { readToldOrder, requireAnyone } from './access.ts'
import type { GatewayContext } from './context.ts'
import { callerError } from './errors.ts'
import type { SubscriptionResolvers } from './schema-types.generated.ts'

async function watch(
  context: GatewayContext,
  id: string,
  { after, ...interest }: Pick<Watch, 'isWanted' | 'isLast'> & { readonly after?: number },
): Promise<OrderStream> {
  requireAnyone(context)
  const { hub } = context.gateway
  const stream = await watchOrder(id, {
    hub,
    async read() {
      const order = await readToldOrder(context, id, after)
      if (order !== undefined && after !== undefined) requireCursor(after, order)
      return order
    },
    ...interest,
  })
  if (stream === undefined) throw callerError('NOT_FOUND', `There is no order ${id}.`)
  return stream
}

const isPaid = (order: Order): boolean => order.status === 'PAID'

/** A cursor that nobody can have been given points to a mistake, and waiting for it would hide that. */
function requireCursor(after: number, { seq }: Order): void {
  if (after >= 0 && after <= seq) return
  throw callerError('BAD_USER_INPUT', `after must be 0 to ${seq}, the seq of the newest event.`)
}

async function watchEvents(context: GatewayContext, id: string, after: number) {
  return eventsOf(await watch(context, id, { after }), after)
}

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
  orderEvents: {
    subscribe: (_root, { id, after }, context) => watchEvents(context, id, after ?? 0),
    resolve: (told: ToldEvent) => told,
  },
}
