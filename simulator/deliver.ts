import type { Clock } from './clock.ts'
import { isAccepted } from './delivery.ts'
import { planDelivery } from './delivery-faults.ts'
import type { DeliveryPlan } from './delivery-faults.ts'
import { createForger } from './false-signatures.ts'
import { isDeliveryFault } from './fault-kinds.ts'
import type { DeliveryFault, Fault } from './fault-kinds.ts'
import type { Faults } from './faults.ts'
import { createWaitingPlace } from './holding-back.ts'
import type { Merchants } from './merchants.ts'
import type { Attempt, Notification } from './notification.ts'
import type { SigningKey } from './platform-keys.ts'
import { hasPrecedent } from './precedents.ts'
import type { Precedents } from './precedents.ts'
import { post } from './post.ts'
import { requestId } from './signed-headers.ts'

/** What delivering works with. */
export type DeliverDeps = {
  readonly key: SigningKey
  readonly merchants: Merchants
  readonly faults: Faults
  readonly precedents: Precedents
  readonly now: Clock
  /** How long an answer is waited for, in seconds. */
  readonly answerSeconds: number
}

/** One attempt, not yet known to be scheduled or asked for by hand. */
export type Posted = Omit<Attempt, 'manual'>

/** Sends a notification now, and says what came of each copy; not to be counted once `stopped` has aborted. */
export type Deliver = (
  notification: Notification,
  stopped: AbortSignal,
) => Promise<readonly [Posted, ...(readonly Posted[])]>

function explain(cause: unknown, timeout: AbortSignal, answerSeconds: number): string {
  if (timeout.aborted) return `no answer within ${answerSeconds} s`
  if (!(cause instanceof Error)) return String(cause)
  const code: unknown = Reflect.get(cause, 'code')
  return cause.message === '' && typeof code === 'string' ? code : cause.message
}

/** Posts a notification once, freshly signed, and says what came of it. */
async function postOnce(
  notification: Notification,
  { plan, key, merchants, now, answerSeconds }: DeliverDeps & { readonly plan: DeliveryPlan },
  stopped: AbortSignal,
): Promise<Posted> {
  const at = now().toISOString()
  const startedAt = performance.now()
  const timeout = AbortSignal.timeout(answerSeconds * 1000)
  const marks = marksOf(plan)
  const milliseconds = (): number => Math.round(performance.now() - startedAt)
  try {
    const body = plan.rewrite(notification.body, merchants.get(notification.mchId)?.apiV3Key ?? '')
    const headers = {
      'Content-Type': 'application/json',
      Accept: '*/*',
      'User-Agent': 'Mozilla/4.0',
      'Request-ID': requestId(),
      ...plan.sign(body, key, now),
    }
    const message = { headers, body: plan.travel(body) }
    const answer = await post(notification.url, message, AbortSignal.any([timeout, stopped]))
    return { at, status: answer.status, answer: answer.text, milliseconds: milliseconds(), ...marks }
  } catch (cause) {
    return { at, error: explain(cause, timeout, answerSeconds), milliseconds: milliseconds(), ...marks }
  }
}

const marksOf = ({ fault, verdict }: DeliveryPlan): Partial<Posted> => ({
  ...(fault !== undefined && { fault }),
  ...(verdict && { verdict }),
})

/** Makes what sends notifications, each under one of the faults at most. */
export function createDeliver(deps: DeliverDeps): Deliver {
  const { precedents } = deps
  const place = createWaitingPlace()
  const forge = createForger()

  const send: Deliver = async (notification, stopped) => {
    const { id, mchId, outTradeNo } = notification
    const ref = { mchId, outTradeNo }
    const canStrike = (fault: Fault): fault is DeliveryFault =>
      isDeliveryFault(fault) &&
      !(fault.kind === 'reorder' && place.isTaken()) &&
      hasPrecedent(fault, ref, precedents)
    const hit = deps.faults.take(ref, canStrike)
    const plan = planDelivery(hit?.fault, { forge, place, ref, precedents })
    const unsent = (error: string): Posted => ({ at: deps.now().toISOString(), error, milliseconds: 0 })
    const once = (): Promise<Posted> => postOnce(notification, { ...deps, plan }, stopped)
    try {
      await plan.leave(id, hit ? AbortSignal.any([hit.removed, stopped]) : stopped)
      if (stopped.aborted) return [unsent('the simulator stopped')]
      if (plan.copies === 0) return [{ ...unsent('never sent'), ...marksOf(plan) }]
      return await Promise.all([once(), ...Array.from({ length: plan.copies - 1 }, once)])
    } finally {
      hit?.end()
    }
  }
  return async (notification, stopped) => {
    const posted = await send(notification, stopped)
    if (posted.some(isAccepted)) place.passed(notification.id)
    return posted
  }
}
