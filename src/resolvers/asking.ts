import { PaymentError } from '../domain/errors.ts'
import type { Order } from '../domain/order.ts'
import type { EventSource } from '../domain/payment-fact.ts'
import { isPlainText, NOT_PLAIN } from '../domain/plain-text.ts'
import { closeOrder } from '../orders/close-order.ts'
import { confirmPayment } from '../orders/confirm-payment.ts'
import { recordFact } from '../orders/record-fact.ts'
import { readVisibleOrder, requireAnyone, requireCaller } from './access.ts'
import type { GatewayContext } from './context.ts'
import { asProblem, callerError } from './errors.ts'
import type { MutationResolvers } from './schema-types.generated.ts'

const MAX_RESOLUTION_LENGTH = 500

async function requireOrder(
  context: GatewayContext,
  caller: Parameters<typeof readVisibleOrder>[1],
  id: string,
): Promise<Order> {
  const order = await readVisibleOrder(context, caller, id)
  if (order === undefined) throw new PaymentError('NOT_FOUND', `There is no order ${id}.`)
  return order
}

/** What an event names as its source when a merchant or an operator caused it. */
function sourceOf({ kind }: { readonly kind: 'merchant' | 'operator' }): EventSource {
  return kind === 'operator' ? 'OPERATOR' : 'API'
}

function success(order: Order) {
  return { __typename: 'OrderSuccess', order } as const
}

/** Either it is paid, or the platform knows of money for it that may not be believed: a person has to look. */
function notClosed(order: Order): PaymentError {
  const why =
    order.status === 'PAID'
      ? 'is PAID'
      : 'has a payment that cannot be believed (see its anomalies): no further payment is started, and it is closed once they are resolved'
  return new PaymentError('ORDER_NOT_PAYABLE', `Order ${order.outTradeNo} ${why}.`, { order })
}

/** When the platform was asked and said no, its answer is still not known: the caller may come again. */
function unavailable(error: unknown): unknown {
  if (!(error instanceof PaymentError) || error.code !== 'PLATFORM_REFUSED') return error
  const sentence = `The platform refused to say (${error.platformCode ?? 'no code'}): ${error.message}`
  return new PaymentError('PLATFORM_UNAVAILABLE', sentence, { cause: error })
}

/** Mutations that ask the platform, and the one for what a person found out. */
export const askingMutations: Pick<MutationResolvers, 'confirmPayment' | 'closeOrder' | 'resolveAnomaly'> = {
  async confirmPayment(_root, { orderId }, context) {
    const caller = requireAnyone(context)
    try {
      const order = await requireOrder(context, caller, orderId)
      return success(await confirmPayment(context.gateway, context.gateway.questions, order))
    } catch (error) {
      return asProblem(unavailable(error), ['NotFound', 'PlatformUnavailable'])
    }
  },

  async closeOrder(_root, { orderId }, context) {
    const caller = requireCaller(context, 'merchant', 'operator')
    try {
      const order = await requireOrder(context, caller, orderId)
      const closing = { reason: 'MERCHANT', source: sourceOf(caller) } as const
      const closed = await closeOrder(context.gateway, order, closing)
      if (closed.status === 'CLOSED') return success(closed)
      throw notClosed(closed)
    } catch (error) {
      return asProblem(unavailable(error), ['NotFound', 'OrderNotPayable', 'PlatformUnavailable'])
    }
  },

  async resolveAnomaly(_root, { orderId, anomalyId, resolution }, context) {
    const caller = requireCaller(context, 'merchant', 'operator')
    if (resolution.trim() === '' || resolution.length > MAX_RESOLUTION_LENGTH) {
      throw callerError('BAD_USER_INPUT', `resolution must be 1 to ${MAX_RESOLUTION_LENGTH} characters.`)
    }
    if (!isPlainText(resolution)) throw callerError('BAD_USER_INPUT', `resolution ${NOT_PLAIN}.`)
    try {
      const order = await requireOrder(context, caller, orderId)
      if (!order.anomalies.some(({ id }) => id === anomalyId)) {
        throw new PaymentError('NOT_FOUND', `Order ${order.outTradeNo} has no anomaly ${anomalyId}.`)
      }
      const source = sourceOf(caller)
      const occurredAt = context.gateway.now()
      const fact = {
        kind: 'anomaly-resolved',
        anomalyId,
        resolution,
        source,
        occurredAt,
        cause: null,
      } as const
      return success(await recordFact(context.gateway, order, fact))
    } catch (error) {
      return asProblem(error, ['NotFound'])
    }
  },
}
