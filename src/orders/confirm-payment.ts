import { PaymentError } from '../domain/errors.ts'
import type { Order } from '../domain/order.ts'
import { askPlatform } from './ask-platform.ts'
import type { OrderPorts } from './ports.ts'
import { awaitTurn } from './question-turn.ts'
import type { Questions } from './questions.ts'

async function ask(ports: OrderPorts, questions: Questions, order: Order): Promise<Order> {
  const current = (await ports.orders.byId(order.id)) ?? order
  if (current.status === 'PAID') return current
  if (!questions.spend(order.merchantId, 'caller')) {
    throw new PaymentError(
      'PLATFORM_UNAVAILABLE',
      'Too many payments of this merchant are being confirmed right now; please try again in a few seconds.',
    )
  }
  return askPlatform(ports, current)
}

async function askInTurn(ports: OrderPorts, questions: Questions, order: Order): Promise<Order> {
  const turn = await awaitTurn(ports, order)
  return 'run' in turn ? turn.run(() => ask(ports, questions, order)) : turn
}

/**
 * Asks the platform about a payment that this gateway has not heard of. All who ask this process about one order at the
 * same time share one question. Among processes one asks at a time, and one follows another after two seconds at the
 * earliest: who waits for somebody else's question is given its answer when the order is PAID then, and asks otherwise.
 * @returns the order as it is then
 * @throws {PaymentError} PLATFORM_UNAVAILABLE when the platform could not be asked or the merchant's budget is used up
 */
export async function confirmPayment(ports: OrderPorts, questions: Questions, order: Order): Promise<Order> {
  if (order.status === 'PAID') return order
  return questions.once(order.id, () => askInTurn(ports, questions, order))
}
