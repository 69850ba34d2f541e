import type { Caller } from '../access/caller.ts'
import type { Order } from '../domain/order.ts'
import { COMMITTED, type ReadConcern } from '../models/read-concern.ts'
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

interface Wanted {
  readonly caller: Known
  readonly id: string
  readonly concern: ReadConcern
}

async function readVisible({ gateway }: GatewayContext, { caller, id, concern }: Wanted) {
  if (caller.kind === 'order-holder' && caller.orderId !== id) return undefined
  return visibleTo(caller, await gateway.orders.byId(id, concern))
}

/** Reads the newest state of an order on behalf of a caller, for what may be followed by a write. */
export function readVisibleOrder(
  context: GatewayContext,
  caller: Known,
  id: string,
): Promise<Order | undefined> {
  return readVisible(context, { caller, id, concern: 'local' })
}

/**
 * Reads an order that the caller is told of: as the majority has it, so that no failover takes back what was told. For a moment
 * after a failover, the new primary may not know that of a write which was acknowledged before. Then the newest state is read:
 * when there seems to be no order, or none that has come as far as the caller knows (`knownSeq`).
 * @throws UNAUTHENTICATED
 */
export async function readToldOrder(
  context: GatewayContext,
  id: string,
  knownSeq = 0,
): Promise<Order | undefined> {
  const caller = requireAnyone(context)
  const order = await readVisible(context, { caller, id, concern: COMMITTED })
  return order !== undefined && order.seq >= knownSeq ? order : readVisibleOrder(context, caller, id)
}
