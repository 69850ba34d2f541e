import { Router } from '@koa/router'
import type Koa from 'koa'
import type { Context, Next } from 'koa'
import { z } from 'zod'
import { requireJson } from './callers.ts'
import type { Cashier } from './cashier.ts'
import { parseJsonBody } from './json-body.ts'
import type { Log } from './log.ts'
import { parseParameters } from './parameters.ts'
import type { PayOrder } from './payments.ts'
import { answerErrors, readBody } from './request.ts'

/** What the stand-in for the WeChat client talks to. */
export type ClientApiDeps = {
  readonly cashier: Cashier
  readonly pay: PayOrder
  readonly log: Log
  /** The text of the bridge script, if the pages are built. */
  readonly readBridge: () => Promise<string | undefined>
}

const paySchema = z.strictObject({ token: z.string().min(1).max(64) })
const notBuilt =
  'console.error("The payment simulator has not been built: run `npm run build`, then reload.")\n'

/** Any page may open the cashier: in WeChat, too, the client does not ask which server a page came from. */
function allowEveryOrigin(ctx: Context): void {
  ctx.set('Access-Control-Allow-Origin', '*')
  ctx.set('Cross-Origin-Resource-Policy', 'cross-origin')
  if (ctx.method !== 'OPTIONS') return
  ctx.set('Access-Control-Allow-Methods', 'GET, POST')
  ctx.set('Access-Control-Allow-Headers', 'Content-Type')
  ctx.set('Access-Control-Allow-Private-Network', 'true')
  ctx.set('Access-Control-Max-Age', '600')
  ctx.status = 204
}

/** Runs the bridge in a scope of its own, so that nothing it declares can clash with the page around it. */
const enclose = (script: string): string => `(function () {'use strict';${script}\n})();\n`

/** The cashier under `/client`, for browsers on any page. */
export function mountClientApi(koa: Koa, { cashier, pay, log, readBridge }: ClientApiDeps): void {
  const router = new Router({ prefix: '/client' })
  router.get('/weixin-js-bridge.js', async (ctx) => {
    const script = await readBridge()
    ctx.set('Cache-Control', 'no-cache')
    ctx.type = 'text/javascript; charset=utf-8'
    ctx.body = script === undefined ? notBuilt : enclose(script)
  })
  router.post('/cashier', async (ctx) => {
    ctx.body = cashier.open(parseJsonBody(await readBody(ctx)))
  })
  router.post('/pay', async (ctx) => {
    const { token } = parseParameters(paySchema, parseJsonBody(await readBody(ctx)), 'body')
    await pay(cashier.orderOf(token))
    ctx.body = { result: 'ok' }
  })
  const guard = async (ctx: Context, next: Next): Promise<void> => {
    if (!ctx.path.startsWith('/client/')) return void (await next())
    allowEveryOrigin(ctx)
    if (ctx.method === 'OPTIONS') return
    const check = async (): Promise<void> => {
      requireJson(ctx)
      await next()
    }
    await answerErrors(ctx, log, check)
  }
  koa.use(guard).use(router.routes())
}
