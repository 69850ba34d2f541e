import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { hostname } from 'node:os'

/** The name or address in a Host header as URLs spell it, without the port; undefined when there is none. */
function hostNameOf(host: string): string | undefined {
  if (!/^[^\s/?#@\\]+$/.test(host) || !URL.canParse(`http://${host}`)) return undefined
  return new URL(`http://${host}`).hostname
}

/**
 * Returns whether the Host header names this gateway: an address, a loopback name, the name of this machine, or one of
 * `hosts` (the host to listen on and that of the public URL).
 *
 * With DNS rebinding, a page of another origin resolves its own name to this machine, and the browser treats what answers
 * as that page's server. Only the name in the Host header differs; an address cannot be made to lead elsewhere.
 */
export function isOwnHost({ headers }: IncomingMessage, hosts: readonly string[]): boolean {
  const name = hostNameOf(headers.host ?? '')
  if (name === undefined) return false
  const isAddress = isIP(name.replaceAll(/[[\]]/g, '')) !== 0
  if (isAddress || /^(?:.+\.)?localhost$/.test(name)) return true
  return [...hosts, hostname(), `${hostname()}.local`].some((host) => hostNameOf(host) === name)
}
