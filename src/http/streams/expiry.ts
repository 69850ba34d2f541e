import { LONGEST_TIMER_MS } from '../../operations/longest-timer.ts'
import type { GatewayContext } from '../../resolvers/context.ts'
import { callerError } from '../../resolvers/errors.ts'

/** Milliseconds until the caller may not be told anything any more; a key never expires. */
export function msUntilExpiry({ caller, gateway }: GatewayContext): number {
  if (caller.kind !== 'order-holder') return Infinity
  return Math.max(0, caller.expiresAt.getTime() - gateway.now().getTime())
}

/** Calls back once the caller's token has expired. The answer calls it off. */
export function onExpiry(context: GatewayContext, expired: () => void): () => void {
  const leftMs = msUntilExpiry(context)
  if (leftMs === Infinity) return () => undefined
  let timer = setTimeout(look, Math.min(leftMs, LONGEST_TIMER_MS))
  function look(): void {
    const restMs = msUntilExpiry(context)
    if (restMs === 0) return expired()
    timer = setTimeout(look, Math.min(restMs, LONGEST_TIMER_MS))
  }
  return () => clearTimeout(timer)
}

/** What a stream says when the token that it was opened with expires. */
export function tokenExpired() {
  return callerError('UNAUTHENTICATED', 'The access token has expired.')
}
