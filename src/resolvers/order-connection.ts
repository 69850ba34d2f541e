import type { Order } from '../domain/order.ts'
import type { OrderSelection } from '../models/order.ts'
import type { GatewayContext } from './context.ts'
import {
  cursorOf,
  idIn,
  pageInfoOf,
  pageOf,
  requirePageSize,
  type PageRequest,
  type PageSource,
} from './cursor.ts'
import type { OrderConnectionResolvers } from './schema-types.generated.ts'

/** One page of a list of orders. */
export interface OrderConnectionSource extends PageSource<Order> {
  readonly selection: OrderSelection
}

const ORDER_ID = /^ord_[0-9a-f]{24}$/

/**
 * Reads one page of orders, newest first.
 * @throws BAD_USER_INPUT when `first` is not 1 to 100 or `after` is no cursor
 */
export async function pageOfOrders(
  { gateway }: GatewayContext,
  selection: OrderSelection,
  page: PageRequest,
): Promise<OrderConnectionSource> {
  requirePageSize(page.first)
  const after = page.after === undefined ? undefined : idIn(page.after, ORDER_ID)
  const listed = await gateway.orders.list(selection, { first: page.first + 1, after })
  return { selection, ...pageOf(listed, page) }
}

/** Fields of the type OrderConnection. */
export const orderConnection: OrderConnectionResolvers = {
  nodes: ({ nodes }) => [...nodes],
  edges: ({ nodes }) => nodes.map((node) => ({ node, cursor: cursorOf(node) })),
  pageInfo: pageInfoOf,
  totalCount: ({ selection }, _arguments, { gateway }) => gateway.orders.count(selection),
}
