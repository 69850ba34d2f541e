import { PassThrough } from 'node:stream'
import { Router } from '@koa/router'
import type Koa from 'koa'
import type { Context, Middleware, Next } from 'koa'
import { z } from 'zod'
import { requireJson, requireOwnCaller } from './callers.ts'
import type { Changes } from './changes.ts'
import { readFault } from './fault-kinds.ts'
import type { Faults } from './faults.ts'
import { parseJsonBody } from './json-body.ts'
import type { Log } from './log.ts'
import type { Notifier } from './notifier.ts'
import type { OtherSystem } from './other-system.ts'
import { int32, parseParameters } from './parameters.ts'
import type { PayOrder } from './payments.ts'
import { answerErrors, readBody } from './request.ts'
import { viewOrder } from './view.ts'
import type { SandboxState } from './view.ts'

/** What a person or a test may do that the real platform has no button for. */
export type SandboxApiDeps = {
  readonly pay: PayOrder
  readonly otherSystem: OtherSystem
  readonly notifier: Notifier
  readonly faults: Faults
  readonly state: () => SandboxState
  readonly changes: Changes
  readonly log: Log
  /** The hosts that its page is reached under, besides those of the loopback. */
  readonly hosts: readonly string[]
}

const shortestPauseMs = 100
const termsSchema = z.strictObject({
  evenIfClosed: z.boolean().optional(),
  payerTotal: int32.min(0).optional(),
  paidAt: z.iso
    .datetime({ offset: true, message: 'must be an RFC 3339 time' })
    .transform((time) => new Date(time))
    .optional(),
})

/** Where the merchant's other systems receive their notifications: each one is acknowledged. */
export const otherSystemPath = '/sandbox/other-system'

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

/** A body that may be missing. */
async function optionalJson(ctx: Context): Promise<unknown> {
  const body = await readBody(ctx)
  return body.length === 0 ? {} : parseJsonBody(body)
}

function mountOrders(router: Router, { pay, otherSystem }: SandboxApiDeps): void {
  router.post('/orders', async (ctx) => {
    ctx.body = viewOrder(await otherSystem.prepay(parseJsonBody(await readBody(ctx))))
    ctx.status = 201
  })
  router.delete('/orders/:mchId/:outTradeNo', async (ctx) => {
    const { mchId = '', outTradeNo = '' } = ctx.params
    await otherSystem.forget({ mchId, outTradeNo })
    ctx.status = 204
  })
  router.post('/orders/:mchId/:outTradeNo/pay', async (ctx) => {
    const { mchId = '', outTradeNo = '' } = ctx.params
    const terms = parseParameters(termsSchema, await optionalJson(ctx), 'body')
    ctx.body = await pay({ mchId, outTradeNo }, terms)
  })
  router.post('/other-system', (ctx) => {
    ctx.status = 204
  })
}

function mountFaults(router: Router, faults: Faults): void {
  router.get('/faults', (ctx) => {
    ctx.set('Cache-Control', 'no-store')
    ctx.body = faults.list()
  })
  router.post('/faults', async (ctx) => {
    ctx.body = faults.add(readFault(parseJsonBody(await readBody(ctx))))
    ctx.status = 201
  })
  router.delete('/faults/:id', (ctx) => {
    faults.remove(ctx.params['id'] ?? '')
    ctx.status = 204
  })
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
  router.post('/notifications/:id/redeliver', async (ctx) => {
    ctx.body = await deps.notifier.redeliver(ctx.params['id'] ?? '')
  })
  mountOrders(router, deps)
  mountFaults(router, deps.faults)
  const check = async (ctx: Context, next: Next): Promise<void> => {
    requireOwnCaller(ctx, deps.hosts)
    requireJson(ctx)
    await next()
  }
  const guard: Middleware = (ctx, next) =>
    ctx.path.startsWith('/sandbox/') ? answerErrors(ctx, deps.log, () => check(ctx, next)) : next()
  koa.use(guard).use(router.routes())
}
