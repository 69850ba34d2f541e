import cors from '@koa/cors'
import { Router } from '@koa/router'
import type { Context } from 'koa'
import { frontPage } from './front-page.ts'
import type { Pages } from './pages.ts'

type Door = (context: Context) => Promise<void>

/** What is behind the doors for pages and people. */
export interface Doors {
  readonly pages: Pages
  readonly overHttp: Door
  readonly overSse: Door
  readonly longPoll: (context: Context, orderId: string) => Promise<void>
}

function wantsPlayground(context: Context): boolean {
  const isReading = context.method === 'GET' || context.method === 'HEAD'
  return isReading && context.query['query'] === undefined && context.accepts('json', 'html') === 'html'
}

/**
 * The pay page, the playground, the page client, GraphQL over HTTP and SSE, and the long poll. A merchant's own page may
 * call from any origin: what it may do is in the token that it sends, and no cookie is ever looked at. It can
 * read `Retry-After`.
 */
export function doorsRouter({ pages, overHttp, overSse, longPoll }: Doors): Router {
  const fromAnywhere = cors({ maxAge: 86_400, exposeHeaders: ['Retry-After'] })
  const router = new Router({ sensitive: true })
  router.get('/', frontPage)
  router.get('/pay/:accessToken', (context) => pages.payPage(context))
  router.all(['/graphql/stream', '/orders/:id/events', '/client.js'], fromAnywhere)
  // The playground has the same URL and contains the key of the sandbox: no CORS for it.
  router.all('/graphql', async (context, next) => {
    if (wantsPlayground(context)) await next()
    else await fromAnywhere(context, next)
  })
  router.get('/client.js', (context) => pages.client(context))
  router.post('/graphql/stream', overSse)
  router.get('/orders/:id/events', (context) => longPoll(context, context.params['id'] ?? ''))
  router.all('/graphql', (context) =>
    wantsPlayground(context) ? pages.playground(context) : overHttp(context),
  )
  return router
}
