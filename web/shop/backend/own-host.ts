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
 * Returns whether the Host header names the shop: a loopback name, one of `hosts`, or, when it listens on all addresses, the
 * address of the connection. With DNS rebinding a page of another origin counts as the shop's own page in the browser; only
 * the Host header differs.
 */
export function isOwnHost({ headers, socket }: IncomingMessage, hosts: readonly string[]): boolean {
  const name = hostNameOf(headers.host ?? '')
  if (name === undefined) return false
  if (/^(?:localhost|.+\.localhost|127\.[\d.]+|\[::1\])$/.test(name)) return true
  const listens = hosts.map((host) => (WILDCARDS.has(host) ? (socket.localAddress ?? '') : host))
  return listens.some((host) => host !== '' && hostNameOf(inUrl(host)) === name)
}
