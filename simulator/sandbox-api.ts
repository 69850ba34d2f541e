import { PassThrough } from 'node:stream'
import { Router } from '@koa/router'
import type Koa from 'koa'
import type { Middleware } from 'koa'
import type { Changes } from './changes.ts'
import type { Log } from './log.ts'
import type { Notifier } from './notifier.ts'
import type { PayOrder } from './payments.ts'
import { answerErrors } from './request.ts'
import type { SandboxState } from './view.ts'

/** What a person or a test may do that the real platform has no button for. */
export type SandboxApiDeps = {
  readonly pay: PayOrder
  readonly notifier: Notifier
  readonly state: () => SandboxState
  readonly changes: Changes
  readonly log: Log
}

const shortestPauseMs = 100

/** The state as server-sent events: at once, and again after changes, at most ten times a second. */
function stateStream(deps: SandboxApiDeps): PassThrough {
  const stream = new PassThrough()
  const send = (): unknown => stream.write(`data: ${JSON.stringify(deps.state())}\n\n`)
  let timer: NodeJS.Timeout | undefined
  const unsubscribe = deps.changes.subscribe(() => {
    timer ??= setTimeout(() => {
      timer = undefined
      send()
    }, shortestPauseMs)
  })
  stream.once('close', () => {
    unsubscribe()
    clearTimeout(timer)
  })
  send()
  return stream
}

/** The sandbox's own doors under `/sandbox`; the page at `/` uses nothing else. */
export function mountSandboxApi(koa: Koa, deps: SandboxApiDeps): void {
  const router = new Router({ prefix: '/sandbox' })
  router.get('/state', (ctx) => {
    ctx.set('Cache-Control', 'no-store')
    ctx.body = deps.state()
  })
  router.get('/events', (ctx) => {
    ctx.set('Cache-Control', 'no-store')
    ctx.type = 'text/event-stream'
    ctx.body = stateStream(deps)
  })
  router.post('/orders/:mchId/:outTradeNo/pay', async (ctx) => {
    const { mchId = '', outTradeNo = '' } = ctx.params
    ctx.body = await deps.pay({ mchId, outTradeNo })
  })
  router.post('/notifications/:id/redeliver', async (ctx) => {
    ctx.body = await deps.notifier.redeliver(ctx.params['id'] ?? '')
  })
  const guard: Middleware = (ctx, next) =>
    ctx.path.startsWith('/sandbox/') ? answerErrors(ctx, deps.log, next) : next()
  koa.use(guard).use(router.routes())
}
