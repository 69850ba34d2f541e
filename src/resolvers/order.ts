import type { Order } from '../domain/order.ts'
import type { OrderSelection } from '../models/order.ts'
import { COMMITTED } from '../models/read-concern.ts'
import { readToldOrder, requireAnyone, requireCaller, visibleTo } from './access.ts'
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

interface Wanted {
  readonly id?: string | undefined
  readonly outTradeNo?: string | undefined
  readonly merchantId?: string | undefined
}

type Known = ReturnType<typeof requireAnyone>

/** Every argument that is given has to be true of the order. */
function isWanted({ outTradeNo, merchantId }: Wanted, order: Order): boolean {
  return (
    (outTradeNo ?? order.outTradeNo) === order.outTradeNo &&
    (merchantId ?? order.merchantId) === order.merchantId
  )
}

/**
 * The order with a merchant's number. Each merchant has numbers of its own, so that an operator may have to say whose.
 * @throws AMBIGUOUS when several merchants use the number and none is named
 */
async function findByNumber(
  { gateway }: GatewayContext,
  merchantId: string | undefined,
  outTradeNo: string,
): Promise<Order | undefined> {
  if (merchantId !== undefined) return gateway.orders.byOutTradeNo(merchantId, outTradeNo, COMMITTED)
  const [order, other] = await gateway.orders.withOutTradeNo(outTradeNo)
  if (other === undefined) return order
  throw callerError('AMBIGUOUS', `Several merchants have an order ${outTradeNo}; say which with merchantId.`)
}

/** The id that is asked for; with an order's token and no argument, that of its order. */
function wantedId(caller: Known, { id, outTradeNo }: Wanted): string | undefined {
  return id ?? (caller.kind === 'order-holder' && outTradeNo === undefined ? caller.orderId : undefined)
}

async function findOrder(context: GatewayContext, wanted: Wanted): Promise<Order | undefined> {
  const caller = requireAnyone(context)
  const { outTradeNo, merchantId } = wanted
  const id = wantedId(caller, wanted)
  if (id !== undefined) {
    const found = await readToldOrder(context, id)
    return found !== undefined && isWanted(wanted, found) ? found : undefined
  }
  if (outTradeNo === undefined) throw callerError('BAD_USER_INPUT', 'order needs an id or an outTradeNo.')
  const ownMerchant = caller.kind === 'operator' ? undefined : caller.merchantId
  return visibleTo(caller, await findByNumber(context, merchantId ?? ownMerchant, outTradeNo))
}

/** Queries about orders. */
export const orderQueries: Pick<QueryResolvers, 'node' | 'order' | 'orders'> = {
  async node(_root, { id }, context) {
    const isNotification = /^(?:ntf|rej)_/.test(id)
    return (isNotification ? await findNotification(context, id) : await findOrder(context, { id })) ?? null
  },
  async order(_root, wanted, context) {
    return (await findOrder(context, withoutNulls(wanted))) ?? null
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
