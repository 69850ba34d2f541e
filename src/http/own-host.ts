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
 * Returns whether the Host header names this gateway: a loopback name, one of `hosts` (the listening host and the host of the
 * public URL), or, when the process listens on all addresses, the address of the connection.
 *
 * With DNS rebinding, a page of another origin resolves its own name to this machine, and the browser treats the gateway as
 * that page's server. Only the Host header differs.
 */
export function isOwnHost({ headers, socket }: IncomingMessage, hosts: readonly string[]): boolean {
  const name = hostNameOf(headers.host ?? '')
  if (name === undefined) return false
  const listens = hosts.map((host) => (WILDCARDS.has(host) ? (socket.localAddress ?? '') : host))
  return isLoopback(name) || listens.some((host) => host !== '' && hostNameOf(inUrl(host)) === name)
}
