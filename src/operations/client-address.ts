import type { IncomingMessage } from 'node:http'
import { addressBlock } from './address-block.ts'

/** Some proxies write the port as well: `1.2.3.4:5678`, `[2001:db8::1]:5678`. */
const WITH_PORT = /^(?:\[(?<ipv6>[^\]]*)\](?::\d+)?|(?<ipv4>\d+\.\d+\.\d+\.\d+):\d+)$/

function withoutPort(hop: string): string {
  const { ipv6, ipv4 } = WITH_PORT.exec(hop)?.groups ?? {}
  return ipv6 ?? ipv4 ?? hop
}

/**
 * The address that a request came from, as it is counted (see `addressBlock`). With `trustedProxies` proxies in front,
 * each of which appends the address that it was called from to `X-Forwarded-For`, that is the last entry but as many;
 * what stands before it was written by the client and is not believed.
 */
export function clientAddress({ headers, socket }: IncomingMessage, trustedProxies: number): string {
  const peer = socket.remoteAddress ?? 'unknown'
  if (trustedProxies === 0) return addressBlock(peer)
  const hops = (headers['x-forwarded-for']?.toString() ?? '').split(',').map((hop) => hop.trim())
  return addressBlock(withoutPort(hops.at(-trustedProxies) || peer))
}
