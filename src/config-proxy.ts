import { z } from 'zod'
import { mistakesOf } from './config-mistakes.ts'

/** Which proxies calls to platforms go through. Addresses may hold a user and a password. */
export interface ProxySettings {
  /** For calls to `https:` addresses; null means none. */
  readonly httpsProxy: string | null
  /** For calls to `http:` addresses; null means none. */
  readonly httpProxy: string | null
  /** Hosts that are called without a proxy, separated by commas: `name`, `.domain`, `name:port`. */
  readonly noProxy: string
}

type Environment = Readonly<Record<string, string | undefined>>

function isProxyUrl(text: string): boolean {
  if (!/^https?:\/\/[^/?#\s\\]+\/?$/.test(text) || !URL.canParse(text)) return false
  return new URL(text).hostname !== ''
}

/** As other programs do, an address without a scheme is taken for that of a plain proxy. */
const proxyUrl = z
  .string()
  .transform((text) => (text.includes('://') ? text : `http://${text}`))
  .refine(isProxyUrl, 'expected the address of an HTTP proxy, e.g. http://proxy.example.com:3128')

/** The name under which a variable is set; the lower-case one goes before, as in other programs. */
function nameOf(name: string, env: Environment): string {
  const lower = name.toLowerCase()
  return env[lower] === undefined ? name : lower
}

function readProxy(name: string, env: Environment) {
  const used = nameOf(name, env)
  if (env[used] === undefined) return { proxy: null, mistakes: [] }
  const parsed = z.object({ [used]: proxyUrl }).safeParse({ [used]: env[used] }, { reportInput: true })
  return parsed.success
    ? { proxy: parsed.data[used] ?? null, mistakes: [] }
    : { proxy: null, mistakes: mistakesOf('', parsed.error) }
}

/**
 * Reads `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, whose names may also be in lower case. `proxy` is null when no call goes
 * through one.
 */
export function proxyFrom(env: Environment): {
  readonly proxy: ProxySettings | null
  readonly mistakes: readonly string[]
} {
  const https = readProxy('HTTPS_PROXY', env)
  const http = readProxy('HTTP_PROXY', env)
  const noProxy = env[nameOf('NO_PROXY', env)] ?? ''
  const isUsed = (https.proxy ?? http.proxy) !== null && !noProxy.split(/[,\s]+/).includes('*')
  return {
    proxy: isUsed ? { httpsProxy: https.proxy, httpProxy: http.proxy, noProxy } : null,
    mistakes: [...https.mistakes, ...http.mistakes],
  }
}
