import { Router } from '@koa/router'
import type Koa from 'koa'
import type { Context, Middleware } from 'koa'
import { z } from 'zod'
import { answerCall } from './answer-call.ts'
import type { AnswerDeps } from './answer-call.ts'
import { parameterError } from './api-error.ts'
import type { ApiError } from './api-error.ts'
import { authenticate } from './authorization.ts'
import { certificateList } from './certificate-list.ts'
import { parseJsonBody } from './json-body.ts'
import type { Ledger } from './ledger.ts'
import type { OrderRef } from './order.ts'
import { orderUnknown } from './ledger.ts'
import type { Merchant, Merchants } from './merchants.ts'
import { parseParameters } from './parameters.ts'
import { readPrepay } from './prepay-rules.ts'
import { readBody } from './request.ts'
import { toTransaction } from './transaction.ts'

/** What the platform's own API works with. */
export type PlatformApiDeps = AnswerDeps & {
  readonly ledger: Ledger
  readonly merchants: Merchants
  readonly commit: () => Promise<void>
}

type Caller = { readonly merchant: Merchant; readonly body: Buffer }

const closeSchema = z.strictObject({ mchid: z.string().min(1).max(32) })

/** The rules about headers that hold for every call. */
function checkHeaders(ctx: Context): void {
  const accept = ctx.get('accept')
  const problem = (field: string, issue: string, message: string): ApiError =>
    parameterError(message, { field, value: ctx.get(field), issue, location: 'header' })
  if (accept === '' || ctx.get('user-agent') === '') {
    throw problem(accept === '' ? 'Accept' : 'User-Agent', 'required', 'Http头缺少Accept或User-Agent')
  }
  if (!ctx.accepts('application/json')) {
    throw problem('Accept', 'must allow application/json', 'Http头Accept须包含application/json')
  }
  if (ctx.method === 'POST' && !ctx.is('application/json')) {
    throw problem('Content-Type', 'must be application/json', 'Http头Content-Type须为application/json')
  }
}

/** Lets a request in and says who sent it. */
async function admit(ctx: Context, deps: PlatformApiDeps): Promise<Caller> {
  const body = await readBody(ctx)
  checkHeaders(ctx)
  const request = {
    method: ctx.method,
    url: ctx.originalUrl,
    authorization: ctx.get('authorization') || undefined,
    body,
  }
  return { merchant: authenticate(request, deps.merchants, deps.now()), body }
}

function checkSameMerchant(mchId: unknown, merchant: Merchant, location: 'body' | 'query'): void {
  if (mchId === merchant.mchId) return
  const issue = 'must be the merchant that signed the request'
  const value = typeof mchId === 'string' ? mchId : ''
  throw parameterError('商户号与签名使用的商户号不一致', { field: '/mchid', value, issue, location })
}

const orderRef = ({ mchId }: Merchant, outTradeNo = ''): OrderRef => ({ mchId, outTradeNo })

function routes(deps: PlatformApiDeps): Router {
  const router = new Router({ prefix: '/v3' })
  const { ledger, now, commit } = deps
  router.post('/pay/transactions/jsapi', async (ctx) => {
    const { merchant, body } = await admit(ctx, deps)
    const prepayId = ledger.place(readPrepay(parseJsonBody(body), merchant, now()))
    await commit()
    ctx.body = { prepay_id: prepayId }
  })
  router.get('/pay/transactions/out-trade-no/:no', async (ctx) => {
    const { merchant } = await admit(ctx, deps)
    checkSameMerchant(ctx.query['mchid'], merchant, 'query')
    ctx.body = toTransaction(ledger.get(orderRef(merchant, ctx.params['no'])))
  })
  router.get('/pay/transactions/id/:id', async (ctx) => {
    const { merchant } = await admit(ctx, deps)
    checkSameMerchant(ctx.query['mchid'], merchant, 'query')
    const order = ledger.findByTransactionId(ctx.params['id'] ?? '')
    if (order?.mchId !== merchant.mchId) throw orderUnknown()
    ctx.body = toTransaction(order)
  })
  router.post('/pay/transactions/out-trade-no/:no/close', async (ctx) => {
    const { merchant, body } = await admit(ctx, deps)
    const { mchid } = parseParameters(closeSchema, parseJsonBody(body), 'body')
    checkSameMerchant(mchid, merchant, 'body')
    ledger.close(orderRef(merchant, ctx.params['no']))
    await commit()
    ctx.status = 204
  })
  router.get('/certificates', async (ctx) => {
    const { merchant } = await admit(ctx, deps)
    ctx.body = certificateList(deps.keys, deps.signWith, merchant)
  })
  return router
}

/** The platform API under `/v3`, as merchants' servers call it: every call authenticated, every answer signed. */
export function mountPlatformApi(koa: Koa, deps: PlatformApiDeps): void {
  const router = routes(deps)
  const guard: Middleware = (ctx, next) =>
    ctx.path.startsWith('/v3/') ? answerCall(ctx, deps, next) : next()
  koa.use(guard).use(router.routes()).use(router.allowedMethods())
}
