import type { IncomingMessage } from 'node:http'

const WILDCARDS = new Set(['0.0.0.0', '::'])

/** The name or address in a Host header as URLs spell it, without the port. */
function hostNameOf(host: string): string | undefined {
  if (!/^[^\s/?#@\\]+$/.test(host) || !URL.canParse(`http://${host}`)) return undefined
  return new URL(`http://${host}`).hostname
}

function inUrl(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '')
  return plain.includes(':') && !plain.startsWith('[') ? `[${plain}]` : plain
}

/**
 * Tells whether a request was sent to an address that is known to be the shop's: of the loopback, one of `hosts`, or, where
 * it listens on all addresses, the one that it came in at. A page of a stranger can make a name of its own lead here (DNS
 * rebinding) and order in the visitor's name; nothing but the Host header shows it.
 */
export function isOwnHost({ headers, socket }: IncomingMessage, hosts: readonly string[]): boolean {
  const name = hostNameOf(headers.host ?? '')
  if (name === undefined) return false
  if (/^(?:localhost|.+\.localhost|127\.[\d.]+|\[::1\])$/.test(name)) return true
  const listens = hosts.map((host) => (WILDCARDS.has(host) ? (socket.localAddress ?? '') : host))
  return listens.some((host) => host !== '' && hostNameOf(inUrl(host)) === name)
}
