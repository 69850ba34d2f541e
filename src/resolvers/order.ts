import type { Order } from '../domain/order.ts'
import type { OrderSelection } from '../models/order.ts'
import { readVisibleOrder, requireAnyone, requireCaller, visibleTo } from './access.ts'
import type { GatewayContext } from './context.ts'
import { withoutNulls } from './cursor.ts'
import { callerError } from './errors.ts'
import { findNotification } from './notification.ts'
import { distanceOf } from './order-history.ts'
import { pageOfOrders } from './order-connection.ts'
import type { OrderResolvers, QueryResolvers } from './schema-types.generated.ts'

/** Fields of the type Order that are not simply there. */
export const order: OrderResolvers = {
  events(source, { after }) {
    // Events of the order of an event of the order …: each level would multiply the answer by the number of events.
    if (distanceOf(source) > 1) {
      throw callerError(
        'BAD_USER_INPUT',
        'Events of the order of an event of the order of an event are not given.',
      )
    }
    return source.events.filter(({ seq }) => seq > (after ?? 0)).map((event) => ({ event, order: source }))
  },
  merchant: ({ merchantId: id }, _arguments, { gateway }) => ({
    id,
    name: gateway.merchantNames.get(id) ?? null,
  }),
  metadata: ({ metadata }): unknown => (metadata === null ? null : JSON.parse(metadata)),
}

async function findOrder(
  context: GatewayContext,
  { id, outTradeNo }: { readonly id: string | undefined; readonly outTradeNo: string | undefined },
): Promise<Order | undefined> {
  const caller = requireAnyone(context)
  const ownId = caller.kind === 'order-holder' && outTradeNo === undefined ? caller.orderId : undefined
  const wantedId = id ?? ownId
  if (wantedId !== undefined) {
    const found = await readVisibleOrder(context, caller, wantedId)
    return outTradeNo === undefined || found?.outTradeNo === outTradeNo ? found : undefined
  }
  if (outTradeNo === undefined) throw callerError('BAD_USER_INPUT', 'order needs an id or an outTradeNo.')
  const merchantId = caller.kind === 'operator' ? undefined : caller.merchantId
  return visibleTo(caller, await context.gateway.orders.byOutTradeNo(merchantId, outTradeNo))
}

/** Queries about orders. */
export const orderQueries: Pick<QueryResolvers, 'node' | 'order' | 'orders'> = {
  async node(_root, { id }, context) {
    const isNotification = /^(?:ntf|rej)_/.test(id)
    return (
      (isNotification
        ? await findNotification(context, id)
        : await findOrder(context, { id, outTradeNo: undefined })) ?? null
    )
  },
  async order(_root, { id, outTradeNo }, context) {
    return (await findOrder(context, { id: id ?? undefined, outTradeNo: outTradeNo ?? undefined })) ?? null
  },
  orders(_root, { filter, first, after }, context) {
    const caller = requireCaller(context, 'merchant', 'operator')
    const selection: OrderSelection = withoutNulls(filter)
    const page = { first: first ?? 20, after: after ?? undefined }
    if (caller.kind === 'operator') return pageOfOrders(context, selection, page)
    const isForeign = selection.merchantId !== undefined && selection.merchantId !== caller.merchantId
    // Nothing has no status at all, so this is the empty list.
    const own: OrderSelection = isForeign ? { status: [] } : selection
    return pageOfOrders(context, { ...own, merchantId: caller.merchantId }, page)
  },
}
