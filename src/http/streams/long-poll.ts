import type { ServerResponse } from 'node:http'
import { GraphQLError } from 'graphql'
import type { Context } from 'koa'
import { eventsOf, type ToldEvent } from '../../live/events.ts'
import { watchOrder } from '../../live/watch.ts'
import { readVisibleOrder, requireAnyone } from '../../resolvers/access.ts'
import type { GatewayContext } from '../../resolvers/context.ts'
import { callerError } from '../../resolvers/errors.ts'
import { comeBack, type Departures } from './departures.ts'
import type { StreamParts } from './prepare-operation.ts'

const DEFAULT_WAIT_SECONDS = 25
const MAX_WAIT_SECONDS = 60

interface Question {
  readonly orderId: string
  readonly after: number
  readonly waitMs: number
}

function wholeNumber(text: string | undefined, name: string, fallback: number): number {
  if (text === undefined) return fallback
  if (/^\d{1,10}$/.test(text)) return Number(text)
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
  return { orderId: order.id, seq, type, source, occurredAt, recordedAt, status: order.status }
}

const STATUS = new Map<unknown, number>([
  ['UNAUTHENTICATED', 401],
  ['FORBIDDEN', 403],
  ['NOT_FOUND', 404],
  ['BAD_USER_INPUT', 400],
  ['UNAVAILABLE', 503],
])

function rethrow(error: unknown): never {
  throw error
}

/** The events that are there, or, when there are none, the first that comes before the deadline. */
async function poll(
  context: GatewayContext,
  { orderId, after, waitMs }: Question,
  { response, departures }: { readonly response: ServerResponse; readonly departures: Departures },
): Promise<readonly ToldEvent[]> {
  const caller = requireAnyone(context)
  let seq = 0
  const orders = await watchOrder(orderId, {
    hub: context.gateway.hub,
    endsInMs: waitMs,
    async read() {
      const order = await readVisibleOrder(context, caller, orderId)
      seq = order?.seq ?? 0
      return order
    },
  })
  if (orders === undefined) throw callerError('NOT_FOUND', `There is no order ${orderId}.`)
  const events = eventsOf(orders, after)
  const end = (): void => void events.return?.()
  response.once('close', end)
  const forget = departures.add(end)
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
 * comes, `[]` at the deadline or when this process is about to stop. For pages whose network lets nothing else through.
 */
export function longPoll({ contextFor, departures }: Pick<StreamParts, 'contextFor' | 'departures'>) {
  return async function events(context: Context, orderId: string): Promise<void> {
    context.set('Cache-Control', 'no-store')
    try {
      if (departures.isLeaving) throw comeBack()
      const gatewayContext = await contextFor(context.headers.authorization)
      const told = await poll(gatewayContext, questionOf(context, orderId), {
        response: context.res,
        departures,
      })
      context.body = told.map(toJson)
    } catch (error) {
      const { message, extensions } = error instanceof GraphQLError ? error : rethrow(error)
      context.status = STATUS.get(extensions['code']) ?? 500
      context.body = { errors: [{ message, extensions }] }
    }
  }
}
