import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Context, Middleware } from 'koa'
import sirv from 'sirv'
import { isOwnHost, otherHost } from './callers.ts'

const assetsPath = '/assets/simulator'
const notBuilt =
  'The simulator is running, but its page has not been built. Run `npm run build`, then reload this page.\n'
const policy =
  "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The folder of the nearest package.json at or above `start`. */
function packageRoot(start: string): string {
  if (existsSync(join(start, 'package.json'))) return start
  const parent = dirname(start)
  if (parent === start) throw new Error('no package.json found above the simulator')
  return packageRoot(parent)
}

/** Where the built pages are, whether this runs from the sources or from the build. */
export const builtPages = (): string =>
  join(packageRoot(dirname(fileURLToPath(import.meta.url))), 'dist', 'pages', 'simulator')

/** Reads a text file if it is there. */
export const readIfPresent = (path: string): Promise<string | undefined> =>
  existsSync(path) ? readFile(path, 'utf8') : Promise.resolve(undefined)

function refuseHost(ctx: Context): void {
  ctx.status = 403
  ctx.body = `${otherHost}\n`
}

/** Serves the built page at `/`, under one of `hosts` only, and its files under `/assets/simulator/`. */
export function pages(folder: string, hosts: readonly string[]): Middleware {
  // Development mode looks at the disk each time, so that a build while the simulator runs shows at once.
  const files = sirv(folder, { dev: true, etag: true })
  const sendAsset = (ctx: Context): Promise<void> =>
    new Promise((resolve) => {
      ctx.respond = false
      ctx.req.url = ctx.path.slice(assetsPath.length)
      ctx.res.once('close', resolve)
      files(ctx.req, ctx.res)
    })
  return async (ctx, next) => {
    const isReading = ctx.method === 'GET' || ctx.method === 'HEAD'
    if (!isReading) return void (await next())
    ctx.set('X-Content-Type-Options', 'nosniff')
    if (ctx.path.startsWith(`${assetsPath}/`)) return sendAsset(ctx)
    if (ctx.path !== '/') return void (await next())
    if (!isOwnHost(ctx.req, hosts)) return refuseHost(ctx)
    const page = await readIfPresent(join(folder, 'index.html'))
    ctx.set('Content-Security-Policy', policy)
    ctx.set('Cache-Control', 'no-cache')
    ctx.type = page === undefined ? 'text/plain; charset=utf-8' : 'text/html; charset=utf-8'
    ctx.status = page === undefined ? 503 : 200
    ctx.body = page ?? notBuilt
  }
}
