import type { GatewayContext } from '../../resolvers/context.ts'
import type { QueueKey } from './scheduler.ts'

/** The caller, and the address that the request came from. */
export interface IdentifiedCaller {
  readonly context: GatewayContext
  /** As it is counted, see `clientAddress`. */
  readonly address: string
}

/** The merchant, operator or order that usage is counted for. */
export interface Holder {
  readonly holder: string
  /** A key of a merchant or an operator, who have many orders. */
  readonly isKey: boolean
}

/** A caller whose key or token is good. */
export type KnownCaller = Exclude<GatewayContext['caller'], { kind: 'nobody' }>

/** All tokens of one order are one holder: they may do the same. */
export function holderOf(caller: KnownCaller): Holder {
  switch (caller.kind) {
    case 'order-holder':
      return { holder: caller.orderId, isKey: false }
    case 'merchant':
      return { holder: `merchant ${caller.merchantId}`, isKey: true }
    case 'operator':
      return { holder: `operator ${caller.name}`, isKey: true }
  }
}

/** The queue in which the work of a caller waits. */
export function queueKeyOf({ context: { caller }, address }: IdentifiedCaller): QueueKey {
  return caller.kind === 'nobody'
    ? anonymousQueueKey(address)
    : { key: holderOf(caller).holder, isKnown: true }
}

/** The queue of an address whose caller is not identified. */
export function anonymousQueueKey(address: string): QueueKey {
  return { key: address, isKnown: false }
}
