import type { Order } from '../domain/order.ts'
import type { OrderSelection } from '../models/order.ts'
import type { GatewayContext } from './context.ts'
import { callerError } from './errors.ts'
import type { OrderConnectionResolvers } from './schema-types.generated.ts'

/** One page of a list of orders. */
export interface OrderConnectionSource {
  readonly selection: OrderSelection
  readonly nodes: readonly Order[]
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
}

const MAX_PAGE = 100

function cursorOf(order: Order): string {
  return Buffer.from(order.id).toString('base64url')
}

function idIn(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString()
  if (/^ord_[0-9a-f]{24}$/.test(id)) return id
  throw callerError('BAD_USER_INPUT', 'after is not a cursor of this list.')
}

/**
 * Reads one page of orders, newest first.
 * @throws BAD_USER_INPUT when `first` is not 1 to 100 or `after` is no cursor
 */
export async function pageOfOrders(
  { gateway }: GatewayContext,
  selection: OrderSelection,
  { first, after }: { readonly first: number; readonly after: string | undefined },
): Promise<OrderConnectionSource> {
  if (first < 1 || first > MAX_PAGE) throw callerError('BAD_USER_INPUT', `first must be 1 to ${MAX_PAGE}.`)
  const page = { first: first + 1, after: after === undefined ? undefined : idIn(after) }
  const orders = await gateway.orders.list(selection, page)
  return {
    selection,
    nodes: orders.slice(0, first),
    hasNextPage: orders.length > first,
    hasPreviousPage: after !== undefined,
  }
}

/** Fields of the type OrderConnection. */
export const orderConnection: OrderConnectionResolvers = {
  nodes: ({ nodes }) => [...nodes],
  edges: ({ nodes }) => nodes.map((node) => ({ node, cursor: cursorOf(node) })),
  pageInfo({ nodes, hasNextPage, hasPreviousPage }) {
    const [first] = nodes
    const last = nodes.at(-1)
    return {
      hasNextPage,
      hasPreviousPage,
      startCursor: first === undefined ? null : cursorOf(first),
      endCursor: last === undefined ? null : cursorOf(last),
    }
  },
  totalCount: ({ selection }, _arguments, { gateway }) => gateway.orders.count(selection),
}
