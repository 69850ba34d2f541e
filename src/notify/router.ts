import { Router, type RouterContext } from '@koa/router'
import type { Platform } from '../domain/payment-fact.ts'
import { clientAddress } from '../operations/client-address.ts'
import type { ReadBody } from '../operations/read-body.ts'
import type { Log } from '../operations/log.ts'
import type { RawNotification } from '../platforms/platform.ts'
import { answerTo } from './answers.ts'
import { createRejectionKeeper } from './keep-rejected.ts'
import { createNotificationLines } from './notification-lines.ts'
import type { NotifyPorts } from './ports.ts'
import { receiveNotification, type ReceivingPorts, type Receipt } from './receive-notification.ts'

/** What the notify routes need from the rest of the gateway. */
export interface NotifyRouterParts extends NotifyPorts {
  readonly log: Log
  readonly readBody: ReadBody
  /** True once the process is shutting down: the platform shall come again, to whoever comes next. */
  readonly isDraining: () => boolean
  /** See `clientAddress`; 0 when absent. */
  readonly trustedProxies?: number | undefined
}

/** The notify routes, to be mounted by the app. */
export interface NotifyRoutes {
  readonly router: Router
  /** Writes what is left to log. */
  close(): void
}

type ReceivingParts = NotifyRouterParts & ReceivingPorts

/** A callback of the platforms has about 2 KiB. */
const MAX_BODY_BYTES = 64 * 1024

/**
 * The platforms wait five seconds; a late 2XX is worth nothing to them, so an early 503 is the better answer. One
 * second is left for the way there and back, and for a process that is busy.
 */
const DEADLINE_MS = 4000

/** Anybody may call; what a stranger sends shall not decide how long a line of the log is. */
const LONGEST_LOGGED = 64

/** An address has 45 characters at most; what stands for one in a header may have any number. */
const MAX_ADDRESS_CHARS = 64

function logged(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text.slice(0, LONGEST_LOGGED)
}

/** Header names and values as they came, two by two: Node's `headers` would join what was sent twice. */
function pairsOf(rawHeaders: readonly string[]): RawNotification['headers'] {
  return rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ''] as const] : [],
  )
}

async function inTime(work: Promise<Receipt>): Promise<Receipt> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Receipt>((resolve) => {
    timer = setTimeout(resolve, DEADLINE_MS, {
      situation: 'UNAVAILABLE',
      reason: 'The gateway is too slow now.',
    })
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

async function receive(parts: ReceivingParts, platform: Platform, context: RouterContext): Promise<Receipt> {
  if (parts.isDraining()) return { situation: 'UNAVAILABLE', reason: 'The gateway is shutting down.' }
  const body = await parts.readBody(context.req, MAX_BODY_BYTES)
  if (!Buffer.isBuffer(body)) {
    context.set('Connection', 'close')
    if (body === 'too-many' || body === 'busy')
      return { situation: 'UNAVAILABLE', reason: 'Too many notifications are arriving at the same time.' }
    return body === 'too-large'
      ? { situation: 'TOO_LARGE', reason: `The body is over ${MAX_BODY_BYTES} bytes.` }
      : { situation: 'BODY_INCOMPLETE', reason: 'The body could not be read to its end.' }
  }
  const merchantId = context.params['merchantId'] ?? ''
  const address = clientAddress(context.req, parts.trustedProxies ?? 0).slice(0, MAX_ADDRESS_CHARS)
  const raw = { headers: pairsOf(context.req.rawHeaders), body }
  try {
    return await inTime(receiveNotification(parts, { platform, merchantId, address }, raw))
  } catch (error) {
    parts.log.error(
      { platform, merchantId: logged(merchantId), err: error },
      'A notification could not be taken in.',
    )
    return { situation: 'UNAVAILABLE', reason: 'The gateway cannot store anything now.' }
  }
}

/** The endpoints for the platforms' notifications: `POST /notify/wechatpay/v3/:merchantId`. */
export function notifyRoutes(parts: NotifyRouterParts): NotifyRoutes {
  const router = new Router({ prefix: '/notify', sensitive: true })
  const lines = createNotificationLines(parts.log)
  const receiving = { ...parts, keepRejected: createRejectionKeeper(parts) }
  const endpoint = (platform: Platform) =>
    async function notify(context: RouterContext): Promise<void> {
      const startedAt = performance.now()
      const receipt = await receive(receiving, platform, context)
      const answer = answerTo(receipt.situation, receipt.reason)
      context.status = answer.status
      if (answer.body !== undefined) context.body = answer.body
      lines.write({
        platform,
        merchantId: logged(context.params['merchantId']),
        requestId: logged(context.get('request-id')),
        ...receipt,
        status: answer.status,
        ms: Math.round(performance.now() - startedAt),
      })
    }
  router.post('/wechatpay/v3/:merchantId', endpoint('WECHATPAY'))
  return { router, close: lines.close }
}
