import type { IncomingMessage } from 'node:http'

/**
 * The address that a request came from. With `trustedProxies` proxies in front, each of which appends the address that
 * it was called from to `X-Forwarded-For`, that is the last entry but as many; what stands before it was written by the
 * client and is not believed.
 */
export function clientAddress({ headers, socket }: IncomingMessage, trustedProxies: number): string {
  const peer = socket.remoteAddress ?? 'unknown'
  if (trustedProxies === 0) return peer
  const hops = (headers['x-forwarded-for']?.toString() ?? '').split(',').map((hop) => hop.trim())
  return hops.at(-trustedProxies) || peer
}
