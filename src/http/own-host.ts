import type { IncomingMessage } from 'node:http'

/** Listening on these means listening on every address of the machine. */
const WILDCARDS = new Set(['0.0.0.0', '::'])

/** The name or address in a Host header as URLs spell it, without the port; undefined when there is none. */
function hostNameOf(host: string): string | undefined {
  if (!/^[^\s/?#@\\]+$/.test(host) || !URL.canParse(`http://${host}`)) return undefined
  return new URL(`http://${host}`).hostname
}

function inUrl(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '')
  return plain.includes(':') && !plain.startsWith('[') ? `[${plain}]` : plain
}

function isLoopback(name: string): boolean {
  return /^(?:localhost|.+\.localhost|127\.[\d.]+|\[::1\])$/.test(name)
}

/**
 * Tells whether a request was sent to an address that is known to be ours: a loopback name, one of `hosts` (the host that is
 * listened on, or the host of a public URL), or, where all addresses are listened on, the address that it came in at.
 *
 * A page can make a name of its own lead to this machine (DNS rebinding). To the browser we are then the page's own
 * server, and nothing but the Host header tells the difference.
 */
export function isOwnHost({ headers, socket }: IncomingMessage, hosts: readonly string[]): boolean {
  const name = hostNameOf(headers.host ?? '')
  if (name === undefined) return false
  const listens = hosts.map((host) => (WILDCARDS.has(host) ? (socket.localAddress ?? '') : host))
  return isLoopback(name) || listens.some((host) => host !== '' && hostNameOf(inUrl(host)) === name)
}
