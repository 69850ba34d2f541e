import { existsSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import sirv from 'sirv'

/** Where the page's markup says that its scripts, styles and pictures are. */
const ASSETS = '/assets/shop'

/** The page may talk to the shop and, to watch its order, to the gateway. */
function contentSecurityPolicy(gatewayUrl: string): string {
  const { origin } = new URL(gatewayUrl)
  return (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
    `connect-src 'self' ${origin} ${origin.replace(/^http/, 'ws')}; ` +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
  )
}

/** Answers requests for the page and its assets; calls `next` for all others. */
export type ServePages = (request: IncomingMessage, response: ServerResponse, next: () => void) => void

/**
 * Serves the built shop page: the page itself always fresh, its hashed assets for ever.
 * @throws {Error} when the page has not been built
 */
export function createPages(pagesDir: string, gatewayUrl: string): ServePages {
  if (!existsSync(join(pagesDir, 'index.html'))) {
    throw new Error(`The shop's page is not built yet: run "npm run build" first.`)
  }
  const policy = contentSecurityPolicy(gatewayUrl)
  const serve = sirv(pagesDir, {
    gzip: true,
    brotli: true,
    etag: true,
    setHeaders: (response, path) => setHeaders(response, path, policy),
  })
  return (request, response, next) => {
    const asked = request.url ?? '/'
    if (asked.startsWith(`${ASSETS}/`)) request.url = asked.slice(ASSETS.length)
    serve(request, response, () => {
      request.url = asked
      next()
    })
  }
}

function setHeaders(response: ServerResponse, path: string, policy: string): void {
  const isPage = path === '/' || path.endsWith('.html')
  response.setHeader('cache-control', isPage ? 'no-cache' : 'public, max-age=31536000, immutable')
  response.setHeader('x-content-type-options', 'nosniff')
  if (isPage) response.setHeader('content-security-policy', policy)
}
