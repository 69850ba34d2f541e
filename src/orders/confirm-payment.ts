import { setTimeout as wait } from 'node:timers/promises'
import { PaymentError } from '../domain/errors.ts'
import type { Order } from '../domain/order.ts'
import { askPlatform } from './ask-platform.ts'
import type { OrderPorts } from './ports.ts'
import type { Questions } from './questions.ts'

/** Between two questions about one order there are at least so many milliseconds, whoever asks in which process. */
const QUESTION_GAP_MS = 2000

/** True once the question may be asked; waits for its turn once, false when somebody else took that too. */
async function takeTurn({ orders, now }: OrderPorts, id: string): Promise<boolean> {
  const isFree = async (): Promise<boolean> => {
    const at = now()
    return orders.claimQuestion(id, at, new Date(at.getTime() - QUESTION_GAP_MS))
  }
  if (await isFree()) return true
  await wait(QUESTION_GAP_MS)
  return isFree()
}

async function ask(ports: OrderPorts, questions: Questions, order: Order): Promise<Order> {
  if (!(await takeTurn(ports, order.id))) return (await ports.orders.byId(order.id)) ?? order
  const current = (await ports.orders.byId(order.id)) ?? order
  if (current.status === 'PAID') return current
  if (!questions.spend(order.merchantId)) {
    throw new PaymentError(
      'PLATFORM_UNAVAILABLE',
      'Too many payments of this merchant are being confirmed right now; please try again in a few seconds.',
    )
  }
  return (await askPlatform(ports, current)).order
}

/**
 * Asks the platform about a payment that this gateway has not heard of. All who ask about one order at the same time
 * share one question, and one follows another after two seconds at the earliest.
 * @returns the order as it is then
 * @throws {PaymentError} PLATFORM_UNAVAILABLE when the platform could not be asked or the merchant's budget is used up
 */
export async function confirmPayment(ports: OrderPorts, questions: Questions, order: Order): Promise<Order> {
  if (order.status === 'PAID') return order
  return questions.once(order.id, () => ask(ports, questions, order))
}
