import { Router } from '@koa/router'
import type Koa from 'koa'
import type { Context, Middleware, Next } from 'koa'
import { z } from 'zod'
import { ApiError, errorBody, parameterError } from './api-error.ts'
import { authenticate } from './authorization.ts'
import { certificateList } from './certificate-list.ts'
import type { Clock } from './clock.ts'
import { parseJsonBody } from './json-body.ts'
import type { Ledger } from './ledger.ts'
import type { OrderRef } from './order.ts'
import { orderUnknown } from './ledger.ts'
import type { Log } from './log.ts'
import type { Merchant, Merchants } from './merchants.ts'
import { parseParameters } from './parameters.ts'
import { signingKeyNamed } from './platform-keys.ts'
import type { PlatformKeys, SigningMode } from './platform-keys.ts'
import { readPrepay } from './prepay-rules.ts'
import { answerErrors, readBody } from './request.ts'
import { requestId, signedHeaders } from './signed-headers.ts'
import { toTransaction } from './transaction.ts'

/** What the platform's own API works with. */
export type PlatformApiDeps = {
  readonly ledger: Ledger
  readonly merchants: Merchants
  readonly keys: PlatformKeys
  readonly signWith: SigningMode
  readonly now: Clock
  readonly log: Log
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

/** The text to send: also a refusal by the router, which has no body of its own, gets one. */
function answerText(ctx: Context): string {
  if (ctx.status === 204) return ''
  if (ctx.body !== undefined && ctx.body !== null) return JSON.stringify(ctx.body)
  const isMethod = ctx.status === 405
  const message = isMethod ? '不支持该请求方法' : '请求的接口不存在'
  const code = isMethod ? 'METHOD_NOT_ALLOWED' : 'NOT_FOUND'
  return JSON.stringify(errorBody(new ApiError(ctx.status, code, { message })))
}

/** Signs whatever is answered, with the key that the caller names or else the configured one. */
async function signAnswer(ctx: Context, deps: PlatformApiDeps, next: Next): Promise<void> {
  await answerErrors(ctx, deps.log, next)
  const status = ctx.status
  const text = answerText(ctx)
  if (status !== 204) {
    ctx.body = text
    ctx.status = status
    ctx.type = 'application/json; charset=utf-8'
  }
  const key = signingKeyNamed(deps.keys, ctx.get('wechatpay-serial')) ?? deps.keys.signingKeys[deps.signWith]
  ctx.set({ ...signedHeaders(text, key, deps.now), 'Request-ID': requestId(status) })
  const code = status < 400 ? undefined : z.object({ code: z.string() }).parse(JSON.parse(text)).code
  deps.log.info({ method: ctx.method, path: ctx.path, status, code }, 'platform call')
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
    const prepayId = ledger.place(readPrepay(body, merchant, now()))
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
    ctx.path.startsWith('/v3/') ? signAnswer(ctx, deps, next) : next()
  koa.use(guard).use(router.routes()).use(router.allowedMethods())
}
