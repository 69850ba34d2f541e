import type { Context, Next } from 'koa'
import { z } from 'zod'
import { ApiError, errorBody } from './api-error.ts'
import type { ApiFaults, CallPlan } from './api-faults.ts'
import type { Clock } from './clock.ts'
import type { Log } from './log.ts'
import { signingKeyNamed } from './platform-keys.ts'
import type { PlatformKeys, SigningMode } from './platform-keys.ts'
import { answerErrors, readBody } from './request.ts'
import { requestId } from './signed-headers.ts'

/** What answering works with. */
export type AnswerDeps = {
  readonly keys: PlatformKeys
  readonly signWith: SigningMode
  readonly now: Clock
  readonly log: Log
  readonly faults: ApiFaults
}

const codeSchema = z.object({ code: z.string() })

/** The text to send: also a refusal by the router, which has no body of its own, gets one. */
function answerText(ctx: Context, plan: CallPlan): string {
  if (ctx.status === 204) return ''
  if (ctx.body !== undefined && ctx.body !== null) return JSON.stringify(plan.rewrite(ctx.body))
  const isMethod = ctx.status === 405
  const message = isMethod ? '不支持该请求方法' : '请求的接口不存在'
  const code = isMethod ? 'METHOD_NOT_ALLOWED' : 'NOT_FOUND'
  return JSON.stringify(errorBody(new ApiError(ctx.status, code, { message })))
}

/** Signs whatever is answered, with the key that the caller names or else the configured one; returns the text. */
function writeAnswer(ctx: Context, plan: CallPlan, deps: AnswerDeps): string {
  const status = ctx.status
  const text = answerText(ctx, plan)
  if (status !== 204) {
    ctx.body = text
    ctx.status = status
    ctx.type = 'application/json; charset=utf-8'
  }
  const key = signingKeyNamed(deps.keys, ctx.get('wechatpay-serial')) ?? deps.keys.signingKeys[deps.signWith]
  ctx.set({ ...plan.sign(text, key, deps.now), 'Request-ID': requestId(status) })
  ctx.set('Date', deps.now().toUTCString())
  return text
}

/** Ends the connection as a broken network would; returns what was said: nothing. */
function hangUp(ctx: Context): string {
  ctx.respond = false
  ctx.req.socket.destroy()
  return ''
}

/** Runs a merchant's call and answers it, or does what a fault asks for instead. */
export async function answerCall(ctx: Context, deps: AnswerDeps, next: Next): Promise<void> {
  const { method, path, query } = ctx
  const follow = async (plan: CallPlan): Promise<void> => {
    await answerErrors(ctx, deps.log, () => plan.run(next))
    const { status } = ctx
    const text = plan.hangsUp ? hangUp(ctx) : writeAnswer(ctx, plan, deps)
    const code = status < 400 || text === '' ? undefined : codeSchema.parse(JSON.parse(text)).code
    deps.log.info({ method, path, status, code, fault: plan.fault }, 'platform call')
  }
  // A body that cannot be read is refused later, by the one who needs it.
  const body = await readBody(ctx).catch(() => Buffer.alloc(0))
  await deps.faults.during({ method, path, query, body }, follow)
}
