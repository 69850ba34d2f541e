import type { IncomingMessage } from 'node:http'
import type { GatewayContext } from '../../resolvers/context.ts'
import { callerError } from '../../resolvers/errors.ts'
import { clientAddress } from '../../operations/client-address.ts'
import type { StreamLimits } from '../../operations/stream-limits.ts'

/** Gives back what was taken; calling it again does nothing. */
export type Release = () => void

type Caller = GatewayContext['caller']

/** Counts who holds how many streams and subscriptions in this process. */
export interface Seats {
  /** Takes a stream for the address of a request. @throws TOO_MANY_REQUESTS */
  fromAddress(request: IncomingMessage): Release
  /** Takes a stream for a caller; nobody in particular has no bound of its own. @throws TOO_MANY_REQUESTS */
  connection(caller: Caller): Release
  /** Takes an operation for a caller. @throws TOO_MANY_REQUESTS */
  subscription(caller: Caller): Release
}

function createQuota(who: string, what: string) {
  const held = new Map<string, number>()
  return function take(holder: string, limit: number): Release {
    const count = held.get(holder) ?? 0
    if (count >= limit) {
      const why = `${who} may have ${limit} ${what} at once; end one, or come back later.`
      throw callerError('TOO_MANY_REQUESTS', why)
    }
    held.set(holder, count + 1)
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      const left = (held.get(holder) ?? 1) - 1
      if (left === 0) held.delete(holder)
      else held.set(holder, left)
    }
  }
}

/** All tokens of an order are one holder: they may do the same. */
function holderOf(caller: Caller): { readonly holder: string; readonly isKey: boolean } | undefined {
  switch (caller.kind) {
    case 'nobody':
      return undefined
    case 'order-holder':
      return { holder: caller.orderId, isKey: false }
    case 'merchant':
      return { holder: `merchant ${caller.merchantId}`, isKey: true }
    case 'operator':
      return { holder: `operator ${caller.name}`, isKey: true }
  }
}

/** Nobody holds anything yet. */
export function createSeats(limits: StreamLimits, trustedProxies: number): Seats {
  const takeAddress = createQuota('One address', 'streams')
  const takeConnection = createQuota('One token', 'streams')
  const takeSubscription = createQuota('One token', 'operations')

  function takeFor(caller: Caller, take: typeof takeConnection, limit: number): Release {
    const found = holderOf(caller)
    if (found === undefined) return () => undefined
    return take(found.holder, found.isKey ? limit * limits.keyFactor : limit)
  }

  return {
    fromAddress: (request) =>
      takeAddress(clientAddress(request, trustedProxies), limits.connectionsPerAddress),
    connection: (caller) => takeFor(caller, takeConnection, limits.connectionsPerToken),
    subscription: (caller) => takeFor(caller, takeSubscription, limits.subscriptionsPerToken),
  }
}
