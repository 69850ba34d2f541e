import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import type { Context } from 'koa'
import { ApiError } from './api-error.ts'

/** The refusal of a request with a foreign Host header. */
export const otherHost =
  'The simulator answers here at its own address only: localhost, or the host in SIMULATOR_HOST or SIMULATOR_PUBLIC_URL.'

const otherPage = 'Pages of other origins may not control the simulator.'

/** The name or address in a Host header as URLs spell it, without the port. */
function hostNameOf(host: string): string | undefined {
  if (!/^[^\s/?#@\\]+$/.test(host) || !URL.canParse(`http://${host}`)) return undefined
  return new URL(`http://${host}`).hostname
}

/**
 * Returns whether the Host header names the simulator: an address, a loopback name, the name of this machine, or one of
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

/** True for the simulator's own page and for programs: browsers name the origin of a page in these headers. */
function isOwnPage({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false
  const { origin } = headers
  return (
    origin === undefined || (URL.canParse(origin) && new URL(origin).host === headers.host?.toLowerCase())
  )
}

/** @throws {ApiError} NO_AUTH (403) when the caller is a page of another origin */
export function requireOwnCaller({ req }: Context, hosts: readonly string[]): void {
  const message = isOwnHost(req, hosts) ? otherPage : otherHost
  if (message === otherHost || !isOwnPage(req)) throw new ApiError(403, 'NO_AUTH', { message })
}

/**
 * A page of any origin can send a form or plain text without a preflight, but not JSON. A request without a body needs no
 * type.
 * @throws {ApiError} PARAM_ERROR (415) when a body is sent as something else
 */
export function requireJson({ method, req: { headers } }: Context): void {
  if (method === 'GET' || method === 'HEAD') return
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
  const type = headers['content-type']
  if (type === undefined && !hasBody) return
  if (/^application\/json\s*(?:;|$)/i.test(type ?? '')) return
  throw new ApiError(415, 'PARAM_ERROR', { message: 'Content-Type须为application/json' })
}
