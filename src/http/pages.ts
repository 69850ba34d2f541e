import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from 'koa'
import sirv from 'sirv'
import { isOwnHost } from './own-host.ts'

/** What stands in for the real WeChat around the pages; only the sandbox has it. */
export interface SandboxPages {
  /** Address of the script that provides `WeixinJSBridge`. */
  readonly bridgeScript: string
  /** The demo merchant's key, filled into the playground. */
  readonly merchantKey: string
  /** Hosts under which the playground, which contains the key, is served besides loopback names. */
  readonly hosts: readonly string[]
}

/** Which pages there are and where their built files lie. */
export interface PagesParts {
  /** Folder with one folder for each page. */
  readonly pagesDir: string
  readonly sandbox?: SandboxPages | undefined
}

/** Serves the hosted pay page, the playground, and what a merchant's own page loads. */
export interface Pages {
  payPage(context: Context): void
  playground(context: Context): void
  /** The page client as one ES module, always under the same name. */
  client(context: Context): void
  /** `/assets/pay/*` and `/assets/playground/*`. */
  assets(context: Context, next: () => Promise<void>): Promise<void>
}

const NOT_BUILT =
  '<!doctype html><title>Paybell</title><p>The pages are not built. Run <code>npm run build</code>.</p>'

/** In a `<script>`, `<` could end the script; as an escape in JSON it is the same text. */
function inlineJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', String.raw`\u003c`)
}

type Folder = ReturnType<typeof sirv>

/** A year for files whose names change with their content; an hour for the others. */
const HASHED = { immutable: true, maxAge: 31_536_000 }
const NAMED = { etag: true, maxAge: 3600 }

/** The folder of a page's files, undefined when it is not built. */
function builtFolder(
  pagesDir: string,
  name: string,
  caching: typeof HASHED | typeof NAMED,
): Folder | undefined {
  const folder = join(pagesDir, name)
  return existsSync(folder) ? sirv(folder, { brotli: true, gzip: true, ...caching }) : undefined
}

/** Answers with a file of a folder, behind Koa's back: sirv speaks to Node's own response. */
function sendFile(context: Context, folder: Folder, path: string): void {
  context.req.url = path
  context.respond = false
  context.res.setHeader('X-Content-Type-Options', 'nosniff')
  folder(context.req, context.res, () => {
    context.res.statusCode = 404
    context.res.end()
  })
}

function readPage(pagesDir: string, name: string, head: string): string {
  try {
    return readFileSync(join(pagesDir, name, 'index.html'), 'utf8').replace('<!--paybell:head-->', () => head)
  } catch {
    return NOT_BUILT
  }
}

function payPolicy(bridge: string | undefined): string {
  const origin = bridge === undefined ? '' : ` ${new URL(bridge).origin}`
  return [
    "default-src 'none'",
    `script-src 'self'${origin}`,
    // The stand-in for WeChat's cashier brings styles of its own; the real one is not part of the page.
    `style-src 'self'${bridge === undefined ? '' : " 'unsafe-inline'"}`,
    `connect-src 'self' ws: wss:${origin}`,
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

const PLAYGROUND_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self' ws: wss:",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "worker-src 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

function send(context: Context, html: string, policy: string): void {
  context.type = 'html'
  context.set('Content-Security-Policy', policy)
  context.set('X-Content-Type-Options', 'nosniff')
  // The pay page's address holds a token: neither a cache nor another site may learn it.
  context.set('Cache-Control', 'no-store')
  context.set('Referrer-Policy', 'no-referrer')
  context.set('Cross-Origin-Resource-Policy', 'same-origin')
  context.status = html === NOT_BUILT ? 503 : 200
  context.body = html
}

/** Only in the sandbox: elsewhere no page contains a key. */
function refuseHost(context: Context): void {
  context.status = 403
  context.body =
    'The sandbox shows its playground at its own address only: localhost, or the host in HOST or PUBLIC_URL.\n'
}

/** Reads the built pages once. */
export function createPages({ pagesDir, sandbox }: PagesParts): Pages {
  const payHead = sandbox === undefined ? '' : `<script src="${encodeURI(sandbox.bridgeScript)}"></script>`
  const playgroundHead =
    sandbox === undefined
      ? ''
      : `<script type="application/json" id="paybell-playground">${inlineJson({
          headers: { authorization: `Bearer ${sandbox.merchantKey}` },
        })}</script>`
  const pay = readPage(pagesDir, 'pay', payHead)
  const playground = readPage(pagesDir, 'playground', playgroundHead)
  const files = new Map(
    ['pay', 'playground'].map((name) => [name, builtFolder(pagesDir, name, HASHED)] as const),
  )
  const client = builtFolder(pagesDir, 'client', NAMED)

  return {
    payPage: (context) => send(context, pay, payPolicy(sandbox?.bridgeScript)),
    playground(context) {
      if (sandbox !== undefined && !isOwnHost(context.req, sandbox.hosts)) return refuseHost(context)
      send(context, playground, PLAYGROUND_POLICY)
    },
    client(context) {
      if (client !== undefined) sendFile(context, client, '/index.js')
      else context.status = 503
    },
    async assets(context, next) {
      const [, name, rest] = /^\/assets\/(pay|playground)(\/.+)$/.exec(context.path) ?? []
      const folder = files.get(name ?? '')
      if (folder === undefined || rest === undefined) return next()
      sendFile(context, folder, rest)
    },
  }
}
