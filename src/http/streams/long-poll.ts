import { GraphQLError } from 'graphql'
import type { Context } from 'koa'
import { eventsOf, type ToldEvent } from '../../live/events.ts'
import { watchOrder } from '../../live/watch.ts'
import { clientPresence } from '../../operations/client-presence.ts'
import { readToldOrder, requireAnyone } from '../../resolvers/access.ts'
import type { GatewayContext } from '../../resolvers/context.ts'
import { callerError, showError } from '../../resolvers/errors.ts'
import { orderAt } from '../../resolvers/order-history.ts'
import { retryAfterOf, statusOf } from '../operations/refusals.ts'
import { comeBack } from './departures.ts'
import { msUntilExpiry } from './expiry.ts'
import { holdWhileOpen } from './hold.ts'
import type { StreamParts } from './prepare-operation.ts'
import type { Release } from '../operations/concurrency-limit.ts'

const DEFAULT_WAIT_SECONDS = 25
const MAX_WAIT_SECONDS = 60

/** As much as a query for the same events. */
const POLL_COST = 50

type LongPollParts = Pick<StreamParts, 'pipeline' | 'departures' | 'seats' | 'log'>

interface Question {
  readonly orderId: string
  readonly after: number
  readonly waitMs: number
}

function wholeNumber(text: string | undefined, name: string, fallback: number): number {
  if (text === undefined) return fallback
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw callerError('BAD_USER_INPUT', `${name} must be a whole number of at least 0.`)
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}

function questionOf({ query }: Context, orderId: string): Question {
  const wait = wholeNumber(single(query['wait']), 'wait', DEFAULT_WAIT_SECONDS)
  if (wait > MAX_WAIT_SECONDS)
    throw callerError('BAD_USER_INPUT', `wait must be at most ${MAX_WAIT_SECONDS} seconds.`)
  return { orderId, after: wholeNumber(single(query['after']), 'after', 0), waitMs: wait * 1000 }
}

function toJson({ event, order }: ToldEvent) {
  const { seq, type, source, occurredAt, recordedAt } = event
  const { status } = orderAt(order, seq)
  return { orderId: order.id, seq, type, source, occurredAt, recordedAt, status }
}

/** The events that are there, or, when there are none, the first that comes before the deadline. */
async function poll(
  context: GatewayContext,
  { orderId, after, waitMs }: Question,
  attend: (end: () => void) => Release,
): Promise<readonly ToldEvent[]> {
  requireAnyone(context)
  let seq = 0
  const orders = await watchOrder(orderId, {
    hub: context.gateway.hub,
    endsInMs: Math.min(waitMs, msUntilExpiry(context)),
    async read() {
      const order = await readToldOrder(context, orderId, after)
      seq = order?.seq ?? 0
      return order
    },
  })
  if (orders === undefined) throw callerError('NOT_FOUND', `There is no order ${orderId}.`)
  const events = eventsOf(orders, after)
  const forget = attend(() => void events.return?.())
  try {
    if (after > seq)
      throw callerError('BAD_USER_INPUT', `after must be 0 to ${seq}, the seq of the newest event.`)
    const told: ToldEvent[] = []
    do {
      const result = await events.next()
      if (result.done === true) break
      told.push(result.value)
    } while ((told.at(-1)?.event.seq ?? 0) < seq)
    return told
  } finally {
    forget()
    await events.return?.()
  }
}

/**
 * `GET /orders/:id/events?after=SEQ&wait=SECONDS`: a JSON array of the events after SEQ, at once or when the first
 * comes, `[]` at the deadline, when the token expires, or when this process is about to stop. For pages whose network
 * lets nothing else through.
 */
export function longPoll({ pipeline, departures, seats, log }: LongPollParts) {
  async function answer(context: Context, orderId: string): Promise<readonly ToldEvent[]> {
    const { req: request, res: response } = context
    const hold = holdWhileOpen(clientPresence(response))
    if (departures.isLeaving) throw comeBack()
    const address = pipeline.addressOf(request)
    hold(seats.fromAddress(address))
    const caller = await pipeline.identify(context.headers.authorization, address)
    pipeline.admission.charge(caller, POLL_COST)
    const { context: gatewayContext } = caller
    hold(seats.connection(gatewayContext.caller))
    hold(seats.subscription(gatewayContext.caller))
    return poll(gatewayContext, questionOf(context, orderId), (end) => {
      hold(end)
      return departures.add(end)
    })
  }

  return async function events(context: Context, orderId: string): Promise<void> {
    context.set('Cache-Control', 'no-store')
    try {
      const told = await answer(context, orderId)
      context.body = told.map(toJson)
    } catch (error) {
      const told = error instanceof GraphQLError ? error.toJSON() : { message: '' }
      const { message, extensions = {} } = showError(log, told, error)
      const retryAfter = retryAfterOf([{ extensions }])
      if (retryAfter !== undefined) context.set('Retry-After', retryAfter)
      context.status = statusOf([{ extensions }])
      context.body = { errors: [{ message, extensions }] }
    }
  }
}
