import { setTimeout as wait } from 'node:timers/promises'
import { PaymentError } from '../domain/errors.ts'
import type { Order } from '../domain/order.ts'
import type { OrderPorts } from './ports.ts'

/** Between the beginnings of two questions about one order there are at least so many milliseconds. */
const GAP_MS = 2000

/** A question is under way for no longer: a platform call ends within twelve seconds, with all its tries. */
export const LEASE_MS = 15_000

/** How often who waits for somebody else's question looks whether its answer is there, in milliseconds. */
const LOOK_MS = 200

/** As long as a process that died over its question can block the order. */
const PATIENCE_MS = LEASE_MS + GAP_MS

/** The right to ask the platform about an order, for as long as `ask` runs. */
interface Turn {
  run<T>(ask: () => Promise<T>): Promise<T>
}

async function claim({ orders, now }: OrderPorts, id: string, gapMs: number): Promise<Turn | undefined> {
  const askedAt = now()
  if (!(await orders.claimQuestion(id, { now: askedAt, gapMs, leaseMs: LEASE_MS }))) return undefined
  return {
    async run(ask) {
      try {
        return await ask()
      } finally {
        // A release that fails costs others the rest of the lease; the answer is worth more than its error.
        await orders.releaseQuestion(id, askedAt).catch(() => undefined)
      }
    },
  }
}

/** The turn, unless a question about the order is under way in some process. */
export function takeTurn(ports: OrderPorts, id: string): Promise<Turn | undefined> {
  return claim(ports, id, 0)
}

/**
 * Waits for the turn. Who asks at this moment may find the order paid: then there is nothing more to ask.
 * @returns the turn, or the order that somebody else found PAID
 * @throws {PaymentError} PLATFORM_UNAVAILABLE when others had the turn all the time
 */
export async function awaitTurn(ports: OrderPorts, order: Order): Promise<Turn | Order> {
  const endsAt = performance.now() + PATIENCE_MS
  while (performance.now() < endsAt) {
    const turn = await claim(ports, order.id, GAP_MS)
    if (turn !== undefined) return turn
    await wait(LOOK_MS)
    const current = await ports.orders.byId(order.id)
    if (current?.status === 'PAID') return current
  }
  const sentence = `Order ${order.outTradeNo} is being asked about already; please try again in a few seconds.`
  throw new PaymentError('PLATFORM_UNAVAILABLE', sentence)
}
