import type { GatewayContext } from '../../resolvers/context.ts'
import { callerError } from '../../resolvers/errors.ts'
import type { StreamLimits } from '../../operations/stream-limits.ts'
import { holderOf } from '../operations/callers.ts'
import type { Release } from '../operations/concurrency-limit.ts'

type Caller = GatewayContext['caller']

/** Counts who holds how many streams and subscriptions in this process. */
export interface Seats {
  /** Takes a stream for an address, as it is counted. @throws TOO_MANY_REQUESTS */
  fromAddress(address: string): Release
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

/** Nobody holds anything yet. */
export function createSeats(limits: StreamLimits): Seats {
  const takeAddress = createQuota('One address', 'streams')
  const takeConnection = createQuota('One token', 'streams')
  const takeSubscription = createQuota('One token', 'operations')

  function takeFor(caller: Caller, take: typeof takeConnection, limit: number): Release {
    if (caller.kind === 'nobody') return () => undefined
    const { holder, isKey } = holderOf(caller)
    return take(holder, isKey ? limit * limits.keyFactor : limit)
  }

  return {
    fromAddress: (address) => takeAddress(address, limits.connectionsPerAddress),
    connection: (caller) => takeFor(caller, takeConnection, limits.connectionsPerToken),
    subscription: (caller) => takeFor(caller, takeSubscription, limits.subscriptionsPerToken),
  }
}
