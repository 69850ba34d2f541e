import { existsSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import sirv from 'sirv'

/** Where the page's markup says that its scripts, styles and pictures are. */
const ASSETS = '/assets/shop'
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Answers requests for the page and its assets; calls `next` for all others. */
export type ServePages = (request: IncomingMessage, response: ServerResponse, next: () => void) => void

/**
 * Serves the built shop page: the page itself always fresh, its hashed assets for ever.
 * @throws {Error} when the page has not been built
 */
export function createPages(pagesDir: string): ServePages {
  if (!existsSync(join(pagesDir, 'index.html'))) {
    throw new Error(`The shop's page is not built yet: run "npm run build" first.`)
  }
  const serve = sirv(pagesDir, { gzip: true, brotli: true, etag: true, setHeaders })
  return (request, response, next) => {
    const asked = request.url ?? '/'
    if (asked.startsWith(`${ASSETS}/`)) request.url = asked.slice(ASSETS.length)
    serve(request, response, () => {
      request.url = asked
      next()
    })
  }
}

function setHeaders(response: ServerResponse, path: string): void {
  const isPage = path === '/' || path.endsWith('.html')
  response.setHeader('cache-control', isPage ? 'no-cache' : 'public, max-age=31536000, immutable')
  response.setHeader('x-content-type-options', 'nosniff')
  if (isPage) response.setHeader('content-security-policy', CONTENT_SECURITY_POLICY)
}
