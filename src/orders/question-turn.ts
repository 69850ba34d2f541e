import { setTimeout as wait } from 'node:timers/promises'
import { PaymentError } from '../domain/errors.ts'
import type { Order } from '../domain/order.ts'
import type { OrderPorts } from './ports.ts'

/** Between the beginnings of two questions about one order there are at least so many milliseconds. */
const GAP_MS = 2000

/** A process that says nothing of its question for so long is believed to be dead, in milliseconds. */
export const LEASE_MS = 15_000

/** How often a process says that its question is still under way, in milliseconds: one such word may be lost. */
const RENEWAL_MS = 5000

/** So many times at most, which is a minute: a call ends within twelve seconds, and closing a payment takes three of them. */
const MAX_RENEWALS = 12

/** How often who waits for somebody else's question looks whether its answer is there, in milliseconds. */
const LOOK_MS = 200

/** As long as a process that died over its question can block the order. */
const PATIENCE_MS = LEASE_MS + GAP_MS

/** The right to ask the platform about an order, for as long as `ask` runs. */
interface Turn {
  run<T>(ask: () => Promise<T>): Promise<T>
}

/** Keeps the lease alive until it is told to stop. */
function keepLease({ orders, now }: OrderPorts, id: string, askedAt: Date): () => void {
  let renewals = 0
  const timer = setInterval(() => {
    renewals += 1
    if (renewals >= MAX_RENEWALS) clearInterval(timer)
    // One that fails is made up for by the next one.
    orders.renewQuestion(id, askedAt, new Date(now().getTime() + LEASE_MS)).catch(() => undefined)
  }, RENEWAL_MS)
  return () => clearInterval(timer)
}

async function claim(ports: OrderPorts, id: string, gapMs: number): Promise<Turn | undefined> {
  const { orders, now } = ports
  const askedAt = now()
  if (!(await orders.claimQuestion(id, { now: askedAt, gapMs, leaseMs: LEASE_MS }))) return undefined
  return {
    async run(ask) {
      const letGo = keepLease(ports, id, askedAt)
      try {
        return await ask()
      } finally {
        letGo()
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
