import type { IncomingMessage } from 'node:http'
import type { Context } from 'koa'
import rawBody from 'raw-body'
import { ApiError, errorBody, systemError } from './api-error.ts'
import type { Log } from './log.ts'

const bodyLimit = 64 * 1024

/** Several may want to look at a body, and a stream can be read only once. */
const bodies = new WeakMap<IncomingMessage, Promise<Buffer>>()

async function readStream(request: IncomingMessage): Promise<Buffer> {
  try {
    return await rawBody(request, { limit: bodyLimit })
  } catch (cause) {
    const isTooLarge = cause instanceof Error && 'status' in cause && cause.status === 413
    if (!isTooLarge) throw cause
    throw new ApiError(413, 'PARAM_ERROR', { message: `请求体不得超过${bodyLimit}字节` })
  }
}

/**
 * The exact bytes of a request's body.
 * @throws {ApiError} PARAM_ERROR with status 413 when there are more than 64 KiB
 */
export function readBody({ req }: Context): Promise<Buffer> {
  const body = bodies.get(req) ?? readStream(req)
  bodies.set(req, body)
  return body
}

/** Turns whatever went wrong into an answer; what was not foreseen is logged and told as SYSTEM_ERROR. */
export async function answerErrors(ctx: Context, log: Log, next: () => Promise<unknown>): Promise<void> {
  try {
    await next()
  } catch (cause) {
    const error = cause instanceof ApiError ? cause : systemError()
    if (error !== cause) log.error({ err: cause, method: ctx.method, path: ctx.path }, 'a request failed')
    ctx.status = error.status
    ctx.body = errorBody(error)
  }
}
