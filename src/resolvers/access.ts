import type { Caller } from '../access/caller.ts'
import type { Order } from '../domain/order.ts'
import type { GatewayContext } from './context.ts'
import { callerError } from './errors.ts'

type Known = Exclude<Caller, { kind: 'nobody' }>
type Kind = Known['kind']

/**
 * The caller, when it is one of these kinds.
 * @throws UNAUTHENTICATED when nobody is known, FORBIDDEN when somebody is who may not do this
 */
export function requireCaller<K extends Kind>(
  { caller }: GatewayContext,
  ...kinds: readonly K[]
): Extract<Known, { kind: K }> {
  if (caller.kind === 'nobody') throw callerError('UNAUTHENTICATED', caller.why)
  const isOneOf = (known: Known): known is Extract<Known, { kind: K }> =>
    kinds.some((kind) => kind === known.kind)
  if (isOneOf(caller)) return caller
  throw callerError(
    'FORBIDDEN',
    `This is for ${kinds.join(' and ')} keys; the one given is of kind ${caller.kind}.`,
  )
}

/** Any known caller. @throws UNAUTHENTICATED */
export function requireAnyone(context: GatewayContext): Known {
  return requireCaller(context, 'merchant', 'operator', 'order-holder')
}

function maySee(caller: Known, order: Order): boolean {
  switch (caller.kind) {
    case 'operator':
      return true
    case 'merchant':
      return caller.merchantId === order.merchantId
    case 'order-holder':
      return caller.orderId === order.id
  }
}

/** The order, when there is one that the caller may see: both kinds of absence look the same. */
export function visibleTo(caller: Known, order: Order | undefined): Order | undefined {
  return order !== undefined && maySee(caller, order) ? order : undefined
}

/** Reads an order on behalf of a caller. */
export async function readVisibleOrder(
  { gateway }: GatewayContext,
  caller: Known,
  id: string,
): Promise<Order | undefined> {
  if (caller.kind === 'order-holder' && caller.orderId !== id) return undefined
  return visibleTo(caller, await gateway.orders.byId(id))
}
